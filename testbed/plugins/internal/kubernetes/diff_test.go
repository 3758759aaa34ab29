package kubernetes

import (
	"maps"
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"sigs.k8s.io/yaml"

	"istio-lab/testbed/plugins/internal/own"
)

// tree reads an object from YAML; numbers are as they come from properties.
func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &fields); err != nil {
		t.Fatal(err)
	}
	return object(properties(fields))
}

func TestChanges(t *testing.T) {
	for what, c := range map[string]struct{ before, after, want string }{
		"nothing":                        {`{a: 1, b: [x], c: {}}`, `{a: 1, b: [x], c: {}}`, ``},
		"a value":                        {`{a: {b: 1}}`, `{a: {b: 2}}`, `a.b update`},
		"a value of another type":        {`{a: {b: 1}}`, `{a: {b: [1]}}`, `a.b update`},
		"a field more":                   {`{a: {}}`, `{a: {b: {c: 1}}}`, `a.b add`},
		"a field less":                   {`{a: {b: 1}}`, `{a: {}}`, `a.b delete`},
		"an element":                     {`{a: [1, 2]}`, `{a: [1, 3]}`, `a[1] update`},
		"an element more":                {`{a: [1]}`, `{a: [1, 3]}`, `a[1] add`},
		"an element less":                {`{a: [{b: 1}, {b: 2}]}`, `{a: [{b: 1}]}`, `a[1] delete`},
		"below an element":               {`{a: [{b: 1, c: 2}]}`, `{a: [{b: 3}]}`, `a[0].b update, a[0].c delete`},
		"a key with a dot":               {`{a: {b.c/d: x}}`, `{a: {b.c/d: y}}`, `a["b.c/d"] update`},
		"at what is immutable":           {`{r: {s: 1}}`, `{r: {s: 2}}`, `r.s update&replace`},
		"below what is immutable":        {`{r: {s: {t: 1}}}`, `{r: {s: {t: 2, u: 1}}}`, `r.s.t update&replace, r.s.u add&replace`},
		"with what is immutable":         {`{}`, `{r: {s: 1}}`, `r add&replace`},
		"beside what is immutable":       {`{r: {s: 1, t: 1}}`, `{r: {s: 1, t: 2}}`, `r.t update`},
		"above, without the immutable":   {`{}`, `{r: {t: 1}}`, `r add`},
		"what is immutable is taken off": {`{r: {s: 1}}`, `{r: {}}`, `r.s delete&replace`},
	} {
		t.Run(what, func(t *testing.T) {
			found := changes(tree(t, c.before), tree(t, c.after), "r.s")
			var got []string
			for _, path := range slices.Sorted(maps.Keys(found)) {
				got = append(got, path+" "+string(found[path].Kind))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("found %q, want %q", strings.Join(got, ", "), c.want)
			}
			if own.Replaces(found) != strings.Contains(c.want, "replace") {
				t.Errorf("replaces: %v", own.Replaces(found))
			}
		})
	}
	t.Run("a value that is not known yet may be another", func(t *testing.T) {
		found := changes(map[string]any{"a": "x"}, map[string]any{"a": unknown{}, "b": unknown{}})
		if found["a"].Kind != p.Update || found["b"].Kind != p.Add {
			t.Errorf("found %v", found)
		}
	})
}
