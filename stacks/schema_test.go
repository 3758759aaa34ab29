package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"

	"istio-lab/internal/manifest"
	"istio-lab/internal/mocktest"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// istioAPIs are the versions of istio.io/api whose definitions the lab's objects are held against: that of Istio 1.17.8, which is no
// tagged one and not in the checksum database, so that its sum stands here, and the oldest and newest that are tagged.
var istioAPIs = []struct{ version, sum string }{
	{"v0.0.0-20231011001129-b6bd6cd1b885", "h1:I8mtxnP4kp8leqQ4sel2AxWON5gw18W6h13aE9O5g7M="},
	{"v1.24.2", "h1:jYjcN6Iq0RPtQj/3KMFsybxmfqmjGN/dxhL7FGJEdIM="},
	{"v1.31.1", "h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk="},
}

// What a server does not know it drops, and what does not fit it refuses in the middle of an `up`.
func TestEveryIstioObjectFitsTheDefinitionsOfEveryRelease(t *testing.T) {
	objects := map[string]mocktest.Resource{}
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": string(scenario)}), false) {
			if apiVersion := r.Inputs["apiVersion"]; apiVersion.IsString() && strings.Contains(apiVersion.StringValue(), ".istio.io/") {
				objects[r.Name+" "+r.Type] = r
			}
		}
	}
	if len(objects) < 8 {
		t.Fatalf("only %d objects to look at: %v", len(objects), slices.Sorted(maps.Keys(objects)))
	}
	for _, api := range istioAPIs {
		t.Run(api.version, func(t *testing.T) {
			definitions := definitionsOf(t, api.version, api.sum)
			for name, r := range objects {
				apiVersion, kind := r.Inputs["apiVersion"].StringValue(), r.Inputs["kind"].StringValue()
				schema := definitions[apiVersion+" "+kind]
				if schema == nil {
					t.Errorf("%s: this release has no %s %s", name, apiVersion, kind)
					continue
				}
				if err := validate.AgainstSchema(schema, plain(t, r.Inputs["spec"]), strfmt.Default); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestASpecWithAFieldThatNoReleaseKnowsDoesNotFit(t *testing.T) {
	for _, api := range istioAPIs {
		schema := definitionsOf(t, api.version, api.sum)["networking.istio.io/v1beta1 Gateway"]
		for _, wrong := range []map[string]any{
			{"selectors": map[string]any{"istio": "ingressgateway"}},
			{"servers": []any{map[string]any{"port": map[string]any{"number": "eighty"}}}},
		} {
			if validate.AgainstSchema(schema, wrong, strfmt.Default) == nil {
				t.Errorf("%s takes %v", api.version, wrong)
			}
		}
	}
}

// definitionsOf returns the schemas of the specs of a version of istio.io/api, by API version and kind.
func definitionsOf(t *testing.T, version, sum string) map[string]*spec.Schema {
	t.Helper()
	c := exec.Command("go", "mod", "download", "-json", "istio.io/api@"+version)
	c.Dir = t.TempDir() // no module of ours, whose choice of version would count
	c.Env = append(os.Environ(), "GONOSUMDB=istio.io/api", "GOFLAGS=")
	text, err := c.Output()
	if err != nil {
		t.Fatalf("download istio.io/api@%s: %v\n%s", version, err, text)
	}
	var module struct{ Dir, Sum string }
	if err := json.Unmarshal(text, &module); err != nil {
		t.Fatal(err)
	}
	if module.Sum != sum {
		t.Fatalf("istio.io/api@%s has the sum %s, not %s", version, module.Sum, sum)
	}
	crds, err := manifest.Read(t.Context(), release.Manifest{
		Location: filepath.Join(module.Dir, "kubernetes", "customresourcedefinitions.gen.yaml"),
	})
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*spec.Schema{}
	for _, crd := range crds {
		for _, v := range crd.Object("spec").Objects("versions") {
			text, err := json.Marshal(strict(v.Object("schema", "openAPIV3Schema", "properties", "spec")))
			if err != nil {
				t.Fatal(err)
			}
			schema := &spec.Schema{}
			if err := json.Unmarshal(text, schema); err != nil {
				t.Fatal(err)
			}
			schemas[crd.String("spec", "group")+"/"+v.String("name")+" "+crd.String("spec", "names", "kind")] = schema
		}
	}
	return schemas
}

// strict closes every object of a schema that lists its properties: a server would drop the others without a word.
func strict(schema map[string]any) map[string]any {
	if schema == nil {
		return nil
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, property := range properties {
		if property, ok := property.(map[string]any); ok {
			strict(property)
		}
	}
	for _, below := range []string{"items", "additionalProperties"} {
		if below, ok := schema[below].(map[string]any); ok {
			strict(below)
		}
	}
	_, typed := schema["type"] // the parts of a oneOf have none, and speak of properties that others list
	if len(properties) > 0 && typed && schema["x-kubernetes-preserve-unknown-fields"] != true {
		schema["additionalProperties"] = false
	}
	return schema
}

// plain turns a recorded value into what encoding/json would have decoded.
func plain(t *testing.T, value resource.PropertyValue) any {
	t.Helper()
	text, err := json.Marshal(value.Mappable())
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
