package main

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/internal/owner"
)

const killed = `{
  "resources": [
    {"type": "docker:index/container:Container", "urn": "u:1", "id": "c1", "inputs": {"name": "mypc"}},
    {"type": "docker:index/container:Container", "urn": "u:2", "id": "c2", "inputs": {"name": "failed"}, "initErrors": ["no"]},
    {"type": "docker:index/container:Container", "urn": "u:3", "id": "c3", "inputs": {"name": "replaced"}, "delete": true},
    {"type": "tls:index/privateKey:PrivateKey", "urn": "u:4", "id": "k", "inputs": {}}
  ],
  "pending_operations": [
    {"type": "creating", "resource": {"type": "docker:index/container:Container", "urn": "u:5", "inputs": {"name": "west-control-plane",
      "labels": [{"label": "istio-lab.stack", "value": "o/p/dev"}, {"label": "istio-lab.origin", "value": "a@b:/c"},
                 {"label": "istio-lab.student", "value": "0"}]}}},
    {"type": "creating", "resource": {"type": "docker:index/network:Network", "urn": "u:6", "inputs": {"name": "istio-lab"}}},
    {"type": "creating", "resource": {"type": "kubernetes:core/v1:Namespace", "urn": "u:7", "inputs": {"name": "x"}}},
    {"type": "deleting", "resource": {"type": "docker:index/container:Container", "urn": "u:8", "inputs": {"name": "east-control-plane"}}}
  ]
}`

func deployment(t *testing.T) apitype.DeploymentV3 {
	t.Helper()
	var d apitype.DeploymentV3
	if err := json.Unmarshal([]byte(killed), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func names(objects []object) (names []string) {
	for _, o := range objects {
		names = append(names, o.name)
	}
	return names
}

func TestOnlyCreationsInDockerAreLookedFor(t *testing.T) {
	if got := names(pendingCreates(deployment(t))); !slices.Equal(got, []string{"west-control-plane", "istio-lab"}) {
		t.Error(got)
	}
}

func TestOnlyContainersThatAreToStayAreKnown(t *testing.T) {
	if got := names(known(deployment(t))); !slices.Equal(got, []string{"mypc"}) {
		t.Error(got)
	}
}

func TestOnlyWhatCarriesTheOperationsOwnLabelsIsItsOwn(t *testing.T) {
	want := pendingCreates(deployment(t))[0].labels
	if !sameOwner(map[string]string{
		owner.StackLabel: "o/p/dev", owner.OriginLabel: "a@b:/c", owner.StudentLabel: "0", "more": "x",
	}, want) {
		t.Error("the stack's own is not known again")
	}
	for name, have := range map[string]map[string]string{
		"unlabelled":     {},
		"another origin": {owner.StackLabel: "o/p/dev", owner.OriginLabel: "z@b:/c", owner.StudentLabel: "0"},
		"another stack":  {owner.StackLabel: "o/p/two", owner.OriginLabel: "a@b:/c", owner.StudentLabel: "0"},
	} {
		if sameOwner(have, want) {
			t.Errorf("%s counts as the stack's own", name)
		}
	}
	if sameOwner(map[string]string{}, map[string]string{}) {
		t.Error("two without labels count as one owner's")
	}
}
