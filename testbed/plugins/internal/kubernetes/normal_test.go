package kubernetes

import (
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestNormal(t *testing.T) {
	for what, c := range map[string]struct{ inputs, want string }{
		"quantities are as Kubernetes writes them": {
			`{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: {cpu: 1000m, memory: 1024Mi}}}]}}`,
			`{apiVersion: v1, kind: Pod, spec: {containers: [{resources: {limits: {cpu: "1", memory: 1Gi}}}]}}`,
		},
		"the text of a Secret becomes data": {
			`{apiVersion: v1, kind: Secret, data: {a: "eA=="}, stringData: {a: u, b: z}}`,
			`{apiVersion: v1, kind: Secret, data: {a: "dQ==", b: "eg=="}}`,
		},
		"what the API server leaves out of a definition goes": {
			`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: {},
				spec: {preserveUnknownFields: false, scope: Cluster}}`,
			`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {scope: Cluster}}`,
		},
		"what only the API server fills in goes": {
			`{apiVersion: v1, kind: Namespace, metadata: {name: a, creationTimestamp: null, uid: b}}`,
			`{apiVersion: v1, kind: Namespace, metadata: {name: a}}`,
		},
		"a kind of others stays as it is": {
			`{apiVersion: example.org/v1, kind: Pod, spec: {cpu: 1000m}}`,
			`{apiVersion: example.org/v1, kind: Pod, spec: {cpu: 1000m}}`,
		},
		"what does not fit its type stays as it is": {
			`{apiVersion: v1, kind: Pod, spec: none}`,
			`{apiVersion: v1, kind: Pod, spec: none}`,
		},
	} {
		t.Run(what, func(t *testing.T) {
			got := normal(&unstructured.Unstructured{Object: tree(t, c.inputs)})
			if want := tree(t, c.want); !reflect.DeepEqual(got.Object, want) {
				t.Errorf("got %v, want %v", got.Object, want)
			}
		})
	}
	t.Run("what is not known yet stops it", func(t *testing.T) {
		inputs := tree(t, `{apiVersion: v1, kind: Secret, stringData: {a: y}}`)
		inputs["stringData"].(map[string]any)["b"] = unknown{}
		if got := normal(&unstructured.Unstructured{Object: inputs}); got.Object["data"] != nil {
			t.Errorf("got %v", got.Object)
		}
	})
}

func TestPruneKeepsWhatTheProgramHasSet(t *testing.T) {
	live := tree(t, `{spec: {replicas: 1, strategy: {type: x}, containers: [{name: a, policy: p}, {name: injected}]}, status: {}, added: 1}`)
	shape := tree(t, `{spec: {replicas: 3, gone: 1, containers: [{name: b}]}}`)
	if got, want := prune(live, shape), tree(t, `{spec: {replicas: 1, containers: [{name: a}]}}`); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %v, want %v", got, want)
	}
}
