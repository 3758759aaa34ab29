//go:build conformance

package conformance

import (
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// nowhere is a kubeconfig of a cluster that is gone: nobody listens there.
const nowhere = `{"apiVersion": "v1", "kind": "Config", "current-context": "gone",
	"clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "gone", "user": {}}],
	"contexts": [{"name": "gone", "context": {"cluster": "gone", "user": "gone"}}]}`

// asked is the part of the API that a plugin asked for first, and in vain.
var asked = regexp.MustCompile(`(https://127\.0\.0\.1:1/)[^"\\]*`)

// unasked tells an error without it.
func unasked(text string) string { return asked.ReplaceAllString(text, "$1…") }

// What is left of a cluster whose node somebody has deleted can be looked at and forgotten, and nothing else.
func TestKubernetesWithoutItsCluster(t *testing.T) {
	t.Parallel()
	config := func(data string) Map {
		return thing("v1", "ConfigMap", in("left"), Map{"data": map[string]any{"key": data}})
	}
	secret := func(text string) Map {
		return thing("v1", "Secret", in("password"), Map{"stringData": map[string]any{"a": resource.MakeSecret(resource.NewProperty(text))}})
	}
	release := func(text string) Map {
		return Map{"chart": "./none", "name": "left", "namespace": namespace, "values": map[string]any{"text": text}}
	}
	// of is what Pulumi remembers of an object.
	of := func(id resource.ID, inputs Map) State {
		outputs := properties(inputs)
		outputs["__inputs"] = resource.NewProperty(properties(inputs))
		outputs["__initialApiVersion"] = resource.NewProperty("v1")
		return State{ID: id, Inputs: properties(inputs), Outputs: outputs}
	}
	Suite{
		Name:   "kubernetes without its cluster",
		Plugin: "kubernetes",
		Config: kubernetesConfig(nowhere),
		Rules:  []Rule{{At: "error", As: unasked}},
		Cases: []Case{
			{Name: "a new ConfigMap", Type: "kubernetes:core/v1:ConfigMap", Steps: []Step{
				{Name: "is refused", Inputs: config("1"), Does: Refused},
			}},
			{Name: "a ConfigMap", Type: "kubernetes:core/v1:ConfigMap", Start: of(namespace+"/left", config("1")), Steps: []Step{
				{Name: "stays as it is", Inputs: config("1"), Does: Nothing},
				{Name: "gets other data", Inputs: config("2"), Does: Refused},
			}},
			{Name: "a ConfigMap that is looked for", Type: "kubernetes:core/v1:ConfigMap", Start: of(namespace+"/left", config("1")), Steps: []Step{
				{Name: "is taken for gone", Refresh: true, Inputs: config("1"), Does: Refused},
			}},
			{Name: "a Secret", Type: "kubernetes:core/v1:Secret", Start: of(namespace+"/password", secret("1")), Steps: []Step{
				{Name: "gets other content", Inputs: secret("2"), Does: Refused},
			}},
			{Name: "a new release", Type: "kubernetes:helm.sh/v3:Release", Steps: []Step{
				{Name: "is refused", Inputs: release("1"), Does: Refused},
			}},
			{Name: "a release", Type: "kubernetes:helm.sh/v3:Release", Start: of(namespace+"/left", release("1")), Steps: []Step{
				{Name: "gets another value", Inputs: release("2"), Does: Refused},
			}, Stays: true},
			{Name: "a release that is looked for", Type: "kubernetes:helm.sh/v3:Release", Start: of(namespace+"/left", release("1")), Steps: []Step{
				{Name: "is taken for gone", Refresh: true, Inputs: release("1"), Does: Refused},
			}},
		},
	}.Run(t)
}

// A cluster that is not the lab's may come back: what is in it is not forgotten, unless a person says that it is gone.
func TestKubernetesWhoseClusterMayComeBack(t *testing.T) {
	t.Parallel()
	inputs := thing("v1", "ConfigMap", in("left"), Map{"data": map[string]any{"key": "1"}})
	outputs := properties(inputs)
	outputs["__inputs"] = resource.NewProperty(properties(inputs))
	outputs["__initialApiVersion"] = resource.NewProperty("v1")
	left := State{ID: namespace + "/left", Inputs: properties(inputs), Outputs: outputs}
	config := kubernetesConfig(nowhere)
	delete(config, "deleteUnreachable")
	Suite{
		Name:   "kubernetes whose cluster may come back",
		Plugin: "kubernetes",
		Config: config,
		Rules:  []Rule{{At: "error", As: unasked}},
		Cases: []Case{
			{Name: "a ConfigMap", Type: "kubernetes:core/v1:ConfigMap", Start: left, Steps: []Step{
				{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			}, Stays: true},
			{Name: "a ConfigMap that is looked for", Type: "kubernetes:core/v1:ConfigMap", Start: left, Steps: []Step{
				{Name: "is not taken for gone", Refresh: true, Inputs: inputs, Does: Nothing},
			}, Stays: true},
		},
	}.Run(t)
}
