package envoyfilter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/envoyproxy/go-control-plane/envoy/admin/v3" // of the request that opens a tap
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"sigs.k8s.io/yaml"

	"istio-lab/components/apps"
	"istio-lab/internal/golden"
	"istio-lab/internal/tap"
)

// filters are all of the package, on the ports of their workloads.
var filters = []struct {
	Filter
	app apps.App
}{
	{Tap(), apps.App{Name: "webapp", Port: 8080}},
	{RateLimit(), apps.App{Name: "catalog", Port: 3000}},
	{RateLimitActions(), apps.App{Name: "catalog", Port: 3000}},
	{Lua(), apps.App{Name: "httpbin", Port: 80}},
}

func TestFiltersAreWhatTheGoldenFilesSay(t *testing.T) {
	for _, f := range filters {
		t.Run(f.Name, func(t *testing.T) {
			text, err := protojson.Marshal(f.on(f.app))
			if err != nil {
				t.Fatal(err)
			}
			got, err := yaml.JSONToYAML(text)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", f.Name+".yaml"), string(got))
		})
	}
}

// message is what Envoy gets, and by which of its types it reads it.
type message struct {
	Type string          `json:"type"`
	JSON json.RawMessage `json:"json"`
}

// messages are all that the filters send to Envoy, and the request that opens a tap.
func messages(t *testing.T) []message {
	t.Helper()
	all := []message{{"envoy.admin.v3.TapRequest", json.RawMessage(tap.Marked)}}
	for _, f := range filters {
		for _, m := range []proto.Message{f.HTTP, f.VirtualHost, f.Cluster} {
			if !m.ProtoReflect().IsValid() {
				continue
			}
			text, err := value(m).MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, message{string(m.ProtoReflect().Descriptor().FullName()), text})
		}
	}
	if len(all) != 6 {
		t.Fatalf("%d messages to look at", len(all))
	}
	return all
}

func TestEveryPatchIsReadByTheNewestEnvoyAPI(t *testing.T) {
	for _, m := range messages(t) {
		if err := read(m); err != nil {
			t.Errorf("%s: %v", m.Type, err)
		}
	}
	if read(message{"envoy.config.cluster.v3.Cluster", json.RawMessage(`{"nam": "x"}`)}) == nil {
		t.Error("a field that there is not was read")
	}
}

// read decodes a message and all that is packed in it, and objects to fields that the API does not know.
func read(m message) error {
	of, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(m.Type))
	if err != nil {
		return err
	}
	return protojson.Unmarshal(m.JSON, of.New().Interface())
}

// Two versions of Envoy's API do not fit in one program: the oldest is another's.
func TestEveryPatchIsReadByTheOldestEnvoyAPI(t *testing.T) {
	objections := func(messages ...message) string {
		input, err := json.Marshal(messages)
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command("go", "run", ".")
		c.Dir = filepath.Join("testdata", "oldest")
		c.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
		c.Stdin, c.Stderr = bytes.NewReader(input), os.Stderr
		output, err := c.Output()
		if err != nil {
			t.Fatalf("the program in %s: %v", c.Dir, err)
		}
		return string(output)
	}
	if said := objections(messages(t)...); said != "" {
		t.Error(said)
	}
	newer := message{
		"envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
		json.RawMessage(`{"name": "x", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua", "clear_route_cache": true}}`),
	}
	if said := objections(newer); !strings.Contains(said, "clear_route_cache") {
		t.Errorf("a field that came later was read: %q", said)
	}
	if err := read(newer); err != nil {
		t.Errorf("it has not come yet: %v", err)
	}
}

func TestAFilterThatCannotBeAppliedIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		args *FilterArgs
		want []string
	}{
		"none":                          {nil, []string{"arguments are missing"}},
		"nothing":                       {&FilterArgs{}, []string{"name is required", "it changes nothing", "its workload is not there"}},
		"one of an app that is not run": {&FilterArgs{Filter: Tap()}, []string{"its workload is not there: run the application first"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewFilter(nil, "f", test.args)
			for _, want := range test.want {
				if !strings.Contains(fmt.Sprint(err), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}
