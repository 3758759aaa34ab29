package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"istio-lab/internal/owner"
	"istio-lab/internal/settings"
)

const killed = `{
  "resources": [
    {"type": "docker:index/container:Container", "urn": "u:1", "id": "c1", "inputs": {"name": "mypc"}},
    {"type": "docker:index/container:Container", "urn": "u:2", "id": "c2", "inputs": {"name": "failed"}, "initErrors": ["no"]},
    {"type": "docker:index/container:Container", "urn": "u:3", "id": "c3", "inputs": {"name": "replaced"}, "delete": true},
    {"type": "docker:index/container:Container", "urn": "u:9", "id": "c9", "inputs": {"name": "gone"}, "pendingReplacement": true},
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

func TestWhatPlainPulumiHasMadeSinceIsNotHalfMade(t *testing.T) {
	d := deployment(t)
	for _, urn := range []resource.URN{"u:5", "u:6"} {
		d.Resources = append(d.Resources, apitype.ResourceV3{URN: urn, ID: "x"})
	}
	d.Resources[len(d.Resources)-1].PendingReplacement = true // and not made again yet
	if got := names(pendingCreates(d)); !slices.Equal(got, []string{"istio-lab"}) {
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

// nodeOf is a node in a state, which began to run or did not.
func nodeOf(cluster string, runs bool) apitype.ResourceV3 {
	r := apitype.ResourceV3{
		URN: resource.URN("urn:pulumi:dev::istio-lab::istio-lab:kind:Cluster$docker:index/container:Container::" + cluster),
		ID:  resource.ID(cluster), Type: containerType, Inputs: map[string]any{
			"name": cluster + "-control-plane", "labels": []any{map[string]any{"label": owner.KindLabel, "value": cluster}},
		},
	}
	if !runs {
		r.InitErrors = []string{"Address already in use"}
	}
	return r
}

func TestANodeIsLeavingOrBlockedByTheScenarioOfTheSettings(t *testing.T) {
	client := apitype.ResourceV3{ID: "c", Type: containerType, Inputs: map[string]any{"name": "mypc"}}
	deleted := nodeOf("west", true)
	deleted.PendingReplacement = true
	for name, test := range map[string]struct {
		scenario         string
		there            []apitype.ResourceV3
		leaving, blocked string
	}{
		"what is built is wanted":     {"multicluster", []apitype.ResourceV3{client, nodeOf("west", true), nodeOf("east", true)}, "", ""},
		"the scenario was changed":    {"extension", []apitype.ResourceV3{client, nodeOf("west", true), nodeOf("east", true)}, "west-control-plane east-control-plane", ""},
		"an older lab has changed it": {"extension", []apitype.ResourceV3{nodeOf("west", true), nodeOf("east", true), nodeOf("myk8s", false)}, "west-control-plane east-control-plane", "myk8s"},
		"and the other way round":     {"multicluster", []apitype.ResourceV3{nodeOf("myk8s", true), nodeOf("west", false), nodeOf("east", true)}, "myk8s-control-plane", "west"},
		"and the user took that back": {"multicluster", []apitype.ResourceV3{nodeOf("west", true), nodeOf("east", true), nodeOf("myk8s", false)}, "", ""},
		// The next update replaces it, for nothing is in its way.
		"a node that failed for another cause": {"extension", []apitype.ResourceV3{nodeOf("east", true), nodeOf("myk8s", false)}, "east-control-plane", ""},
		"a change that was cut in the middle":  {"extension", []apitype.ResourceV3{deleted, nodeOf("east", true), nodeOf("myk8s", false)}, "east-control-plane", ""},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := settings.Parse(map[string]string{scenarioKey: test.scenario})
			if err != nil {
				t.Fatal(err)
			}
			d := apitype.DeploymentV3{Resources: test.there}
			if got := strings.Join(names(leaving(known(d), parsed)), " "); got != test.leaving {
				t.Errorf("leaving are %q", got)
			}
			var of []string
			for _, urn := range blocked(d, parsed) {
				of = append(of, urnName(urn))
			}
			if got := strings.Join(of, " "); got != test.blocked {
				t.Errorf("blocked are %q", got)
			}
		})
	}
}
