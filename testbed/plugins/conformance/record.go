package conformance

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Record is all that a plugin said in the course of a case: by step and operation and the value's path, its text.
type Record map[string]string

// of is what was said in a step, a line each.
func (r Record) of(step string) string {
	var lines []string
	for at, text := range r {
		if strings.HasPrefix(at, step+" / ") {
			lines = append(lines, fmt.Sprintf("  %s: %q", at, text))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// recorder adds one operation's answers to a record.
type recorder struct {
	record Record
	rules  []Rule
	seen   map[string][]string // values of numbered rules, by what they are told as
	at     string              // "step / operation"
}

func (r recorder) text(path, value string) { r.put(path, value, false) }

func (r recorder) put(path, value string, secret bool) {
	for _, rule := range r.rules {
		if matches(rule.At, path) {
			value = r.told(rule, value)
			break
		}
	}
	if value == Untold {
		return
	}
	if secret {
		value = "secret " + value
	}
	r.record[r.at+" / "+path] = value
}

func (r recorder) told(rule Rule, value string) string {
	text := rule.As(value)
	if !rule.Numbered || text == value {
		return text
	}
	if !slices.Contains(r.seen[text], value) {
		r.seen[text] = append(r.seen[text], value)
	}
	return fmt.Sprintf("%s #%d", text, 1+slices.Index(r.seen[text], value))
}

// properties records every leaf of a map. An empty list or object is a leaf, as is one that is a secret as a whole.
func (r recorder) properties(path string, values resource.PropertyMap) {
	r.property(path, resource.NewProperty(values), false)
}

func (r recorder) property(path string, v resource.PropertyValue, secret bool) {
	switch {
	case v.IsSecret():
		r.property(path, v.SecretValue().Element, true)
	case v.IsComputed():
		r.put(path, "(unknown)", secret)
	case v.IsOutput():
		o := v.OutputValue()
		if !o.Known {
			r.put(path, "(unknown)", secret || o.Secret)
			return
		}
		r.property(path, o.Element, secret || o.Secret)
	case v.IsObject() && len(v.ObjectValue()) > 0:
		for _, key := range v.ObjectValue().StableKeys() {
			r.property(path+keyed(string(key)), v.ObjectValue()[key], secret)
		}
	case v.IsArray() && len(v.ArrayValue()) > 0:
		for i, value := range v.ArrayValue() {
			r.property(fmt.Sprintf("%s[%d]", path, i), value, secret)
		}
	case v.IsString():
		r.put(path, v.StringValue(), secret)
	default:
		text, err := json.Marshal(v.Mappable())
		if err != nil {
			text = []byte(err.Error())
		}
		r.put(path, string(text), secret)
	}
}

// keyed is a key as a part of a path.
func keyed(key string) string {
	if strings.ContainsAny(key, ".[] ") {
		return fmt.Sprintf("[%q]", key)
	}
	return "." + key
}

func (r recorder) failures(failures []plugin.CheckFailure) {
	for _, f := range failures {
		r.text("failures"+keyed(string(f.Property)), f.Reason)
	}
}

func (r recorder) diff(d plugin.DiffResult) {
	r.text("changes", map[plugin.DiffChanges]string{
		plugin.DiffUnknown: "unknown", plugin.DiffNone: "none", plugin.DiffSome: "some",
	}[d.Changes])
	r.text("replaces", keys(d.ReplaceKeys))
	r.text("changed", keys(d.ChangedKeys))
	r.text("deletes before replacing", fmt.Sprint(d.DeleteBeforeReplace))
	for path, property := range d.DetailedDiff {
		r.text("detail "+path, property.Kind.String())
	}
}

func keys(of []resource.PropertyKey) string {
	var texts []string
	for _, key := range of {
		texts = append(texts, string(key))
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), " ")
}

// matches: an asterisk of the pattern stands for any text.
func matches(pattern, text string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	return regexp.MustCompile("(?s)^" + expression + "$").MatchString(text)
}
