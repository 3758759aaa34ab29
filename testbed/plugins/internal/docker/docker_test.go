package docker

import (
	"archive/tar"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

type (
	m       = map[string]any
	kindsAt = map[string]p.DiffKind
)

// box are inputs of a container.
func box(changes m) property.Map {
	inputs := m{
		"name": "box", "image": "busybox", "mustRun": false, "tmpfs": m{"/run": ""},
		"securityOpts": []any{"seccomp=unconfined", "label=disable"},
		"ports":        []any{publish(80, 8080), publish(81, 8081)},
		"volumes":      []any{m{"containerPath": "/var"}, m{"containerPath": "/lib", "hostPath": "/lib"}},
		"healthcheck":  m{"tests": []any{"CMD", "true"}},
		"restart":      "always", "privileged": true,
	}
	maps.Copy(inputs, changes)
	maps.DeleteFunc(inputs, func(_ string, v any) bool { return v == nil })
	return own.Properties(inputs)
}

func publish(internal, external int) m { return m{"internal": internal, "external": external} }

func TestCheckAddsTheDefaultsAndNotesThem(t *testing.T) {
	checked, failures := containerType.check(box(nil))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	values := own.PlainMap(checked)
	for name, want := range (m{"networkMode": "bridge", "waitTimeout": 60.0, "start": true, "wait": false, "memoryReservation": 0.0}) {
		if values[name] != want {
			t.Errorf("%s is %v, not %v", name, values[name], want)
		}
	}
	if port := values["ports"].([]any)[0].(m); port["ip"] != "0.0.0.0" || port["protocol"] != "tcp" {
		t.Errorf("a port is %v", port)
	}
	want := []any{"attach", "containerReadRefreshTimeoutMilliseconds", "logs", "memoryReservation", "networkMode", "readOnly", "removeVolumes",
		"rm", "start", "stdinOpen", "tty", "wait", "waitTimeout"}
	if noted := own.Plain(checked.Get(defaultsNote)).([]any); !slices.Equal(noted, want) {
		t.Errorf("noted as defaults are %v, not %v", noted, want)
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change m
		at     string
	}{
		"a property that the program does not use": {m{"memory": 64}, "memory"},
		"one within another":                       {m{"healthcheck": m{"tests": []any{"a"}, "start": 1}}, "healthcheck.start"},
		"one that is not for a program to give":    {m{"start": true}, "start"},
		"one that only Docker says":                {m{"networkDatas": []any{}}, "networkDatas"},
		"a missing property":                       {m{"image": nil}, "image"},
		"a missing property of an element":         {m{"ports": []any{m{"internal": 80}}}, "ports[0].external"},
		"a value of another kind":                  {m{"privileged": "yes"}, "privileged"},
		"a value that there is not":                {m{"restart": "on-failure-now"}, "restart"},
		"a container that is to be kept running":   {m{"mustRun": true}, "mustRun"},
		"a duration that is none":                  {m{"healthcheck": m{"tests": []any{"a"}, "interval": "1"}}, "healthcheck.interval"},
	} {
		t.Run(name, func(t *testing.T) {
			_, failures := containerType.check(box(c.change))
			if len(failures) != 1 || failures[0].Property != c.at || !strings.HasPrefix(failures[0].Reason, c.at+": ") {
				t.Errorf("%v, and not one failure at %s", failures, c.at)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	volume := func(path string) m { return m{"containerPath": path} }
	for name, c := range map[string]struct {
		change m
		want   kindsAt
	}{
		"nothing":              {nil, nil},
		"the order of ports":   {m{"ports": []any{publish(81, 8081), publish(80, 8080)}}, nil},
		"the order of a set":   {m{"securityOpts": []any{"label=disable", "seccomp=unconfined"}}, nil},
		"what Docker fills in": {m{"securityOpts": nil, "healthcheck": nil}, nil},
		"another text":         {m{"image": "other"}, kindsAt{"image": p.UpdateReplace}},
		"a text more":          {m{"cgroupnsMode": "private"}, kindsAt{"cgroupnsMode": p.AddReplace}},
		"a flag less":          {m{"privileged": nil}, kindsAt{"privileged": p.DeleteReplace}},
		"the default":          {m{"restart": nil}, kindsAt{"restart": p.Update}},
		"another port":         {m{"ports": []any{publish(80, 8080), publish(81, 8082)}}, kindsAt{"ports[1].external": p.UpdateReplace}},
		"a port less":          {m{"ports": []any{publish(80, 8080)}}, kindsAt{"ports[1]": p.DeleteReplace}},
		"no ports":             {m{"ports": nil}, kindsAt{"ports": p.DeleteReplace}},
		"an element of a set": {m{"securityOpts": []any{"seccomp=unconfined", "label=other"}}, kindsAt{
			"securityOpts[0]": p.DeleteReplace, "securityOpts[1]": p.AddReplace,
		}},
		"another object":         {m{"volumes": []any{volume("/var"), volume("/opt")}}, kindsAt{"volumes": p.UpdateReplace}},
		"an object less":         {m{"volumes": []any{volume("/var")}}, kindsAt{"volumes[0]": p.DeleteReplace}},
		"a dictionary's entries": {m{"tmpfs": m{"/tmp": ""}}, kindsAt{`tmpfs["/tmp"]`: p.Add, `tmpfs["/run"]`: p.Delete}},
		"within an object":       {m{"healthcheck": m{"tests": []any{"CMD", "false"}}}, kindsAt{"healthcheck.tests[1]": p.Update}},
	} {
		t.Run(name, func(t *testing.T) {
			was, _ := containerType.check(box(nil))
			is, _ := containerType.check(box(c.change))
			reported := own.Properties(m{"entrypoints": []any{}, "networkDatas": []any{}})
			got := kindsAt{}
			for at, change := range containerType.diff(own.PlainMap(containerType.state(was, reported)), own.PlainMap(is), nil) {
				got[at] = change.Kind
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("%v, and not %v", got, c.want)
			}
		})
	}
}

func TestAContainerThatFailedIsReplaced(t *testing.T) {
	inputs, _ := containerType.check(box(nil))
	changes := containerType.diff(own.PlainMap(containerType.state(inputs, property.Map{})), own.PlainMap(inputs), nil)
	if !own.Replaces(changes) {
		t.Errorf("%v", changes)
	}
}

func TestWhatIsIgnoredIsNoChange(t *testing.T) {
	inputs, _ := networkType.check(own.Properties(m{"name": "a"}))
	other, _ := networkType.check(own.Properties(m{
		"name": "a", "labels": []any{m{"label": "a", "value": "b"}},
	}))
	if changes := networkType.diff(own.PlainMap(inputs), own.PlainMap(other), []string{"options", "labels"}); len(changes) > 0 {
		t.Errorf("%v", changes)
	}
}

func TestAValueThatAPreviewDoesNotKnowIsAChange(t *testing.T) {
	inputs, _ := networkType.check(own.Properties(m{"name": "a"}))
	state := networkType.state(inputs, own.Properties(m{"options": m{}}))
	changes := networkType.diff(own.PlainMap(state), own.PlainMap(inputs.Set("name", property.New(property.Computed))), nil)
	if len(changes) != 1 || changes["name"].Kind != p.UpdateReplace {
		t.Errorf("%v", changes)
	}
}

func TestASecretStaysOneInTheState(t *testing.T) {
	uploads := own.Properties(m{"uploads": []any{
		m{"file": "/b", "content": "2"}, m{"file": "/a", "content": "1"},
	}}).Get("uploads")
	inputs, _ := containerType.check(box(nil).Set("uploads", uploads.WithSecret(true)))
	kept := containerType.state(inputs, property.Map{}).Get("uploads")
	if !kept.Secret() {
		t.Error("it is none")
	}
	if first := own.Plain(kept).([]any)[0].(m)["content"]; first != "1" {
		t.Errorf("first in order is %v", first)
	}
}

func TestFilesAreArchived(t *testing.T) {
	source := filepath.Join(t.TempDir(), "source")
	if err := os.WriteFile(source, []byte("from the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	archive, err := archiveOf([]upload{{File: "/a/b", Permissions: "0755", Content: "text"}, {File: "/c", Source: source}})
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(archive)
	for _, want := range []struct {
		name    string
		mode    int64
		content string
	}{{"a/b", 0o755, "text"}, {"c", 0o644, "from the host"}} {
		header, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		if header.Name != want.name || header.Mode != want.mode || string(content) != want.content {
			t.Errorf("%s %o %q, and not %v", header.Name, header.Mode, content, want)
		}
	}
	for _, wrong := range []upload{{File: "/a"}, {File: "/a", Content: "b", Source: source}, {File: "/a", Source: source + "-missing"}} {
		if _, err := archiveOf([]upload{wrong}); err == nil || !strings.HasPrefix(err.Error(), "/a: ") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestARefreshDropsTheNotesThatSayNothing(t *testing.T) {
	checked, failures := containerType.check(box(nil))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	none := property.New([]property.Value{})
	seen := property.NewMap(map[string]property.Value{"ports": none})
	inputs := containerType.reread(checked, seen)
	if ports := inputs.Get("ports"); !ports.IsArray() || ports.AsArray().Len() != 0 {
		t.Errorf("ports that are gone are %v, not an empty list", ports)
	}
	volume := inputs.Get("volumes").AsArray().Get(0).AsMap()
	if _, noted := volume.GetOk(defaultsNote); noted {
		t.Error("a volume, which has no defaults, still has a note of them")
	}
	if _, noted := inputs.GetOk(defaultsNote); !noted {
		t.Error("the note of the container's own defaults is gone")
	}
}
