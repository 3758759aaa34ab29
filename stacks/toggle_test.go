package stacks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

// nodes are the URNs of the nodes of a lab, by the names of its clusters.
func nodes(resources []mocktest.Resource) map[string]string {
	urns := map[string]string{}
	for _, r := range resources {
		if strings.Contains(r.URN(), "istio-lab:kind:Cluster$docker:index/container:Container::") {
			urns[r.Name] = r.URN()
		}
	}
	return urns
}

// aliases are the URNs under which the engine looks for a resource, beside its own: as it makes them of an alias that has no more than
// a name, of the same type and parent.
func aliases(t *testing.T, r mocktest.Resource) (urns []string) {
	t.Helper()
	for _, alias := range r.RPC.GetAliases() {
		spec := alias.GetSpec()
		if spec.GetName() == "" || spec.GetType() != "" || spec.GetStack() != "" || spec.GetProject() != "" || spec.GetParentUrn() != "" ||
			spec.GetNoParent() {
			t.Errorf("%s has an alias that is more than a name: %v", r.URN(), alias)
		}
		as := r
		as.Name = spec.GetName()
		urns = append(urns, as.URN())
	}
	return urns
}

// West and myk8s have one address and the same ports. Under one alias the engine sees one node that is replaced, and so deletes the old one
// before it creates the new one.
func TestTheNodesOfOnePlaceAreOneToTheEngineAndNothingElseIs(t *testing.T) {
	for student, suffix := range map[string]string{"0": "", "7": "-07"} {
		labs := map[settings.Scenario][][]mocktest.Resource{} // the stages
		for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
			stages := settings.Stages(scenario)
			if student != "0" {
				stages = stages[:1]
			}
			for _, stage := range stages {
				labs[scenario] = append(labs[scenario], run(t, configure(map[string]string{
					"istio-lab:scenario": string(scenario), "istio-lab:stage": string(stage), "istio-lab:student": student,
				}), false))
			}
		}
		for _, way := range []struct {
			from, to  settings.Scenario
			old, node string
		}{
			{settings.Multicluster, settings.Extension, "west" + suffix, "myk8s" + suffix},
			{settings.Extension, settings.Multicluster, "myk8s" + suffix, "west" + suffix},
		} {
			for _, before := range labs[way.from] {
				if nodes(before)[way.old] != nodes(labs[way.from][0])[way.old] {
					t.Errorf("the node %s has another URN at another stage", way.old)
				}
			}
			old := nodes(labs[way.from][0])[way.old]
			for _, now := range labs[way.to] {
				found := false
				for _, r := range now {
					switch got := aliases(t, r); {
					case r.URN() == nodes(now)[way.node]:
						found = true
						if old == "" || !slices.Equal(got, []string{old}) {
							t.Errorf("%s is known as %v, and not as %s", r.URN(), got, old)
						}
						if !r.RPC.GetDeleteBeforeReplace() {
							t.Errorf("%s is created before %s is deleted", r.Name, way.old)
						}
					case len(got) > 0:
						t.Errorf("%s is known as %v", r.URN(), got)
					}
				}
				if !found {
					t.Errorf("there is no node %s", way.node)
				}
			}
		}
	}
}

// What else both scenarios have of one name in Docker has to be one resource to the engine: it creates before it deletes.
func TestWhatBothScenariosHaveInDockerIsTheSameResource(t *testing.T) {
	inDocker := func(scenario settings.Scenario) map[string]mocktest.Resource {
		named := map[string]mocktest.Resource{}
		for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": string(scenario)}), false) {
			if strings.HasPrefix(r.Type, "docker:index/container") || strings.HasPrefix(r.Type, "docker:index/network") {
				named[r.Inputs["name"].StringValue()] = r
			}
		}
		return named
	}
	multicluster, extension, both := inDocker(settings.Multicluster), inDocker(settings.Extension), 0
	for name, r := range multicluster {
		other, there := extension[name]
		if !there {
			continue
		}
		both++
		if r.URN() != other.URN() || !r.Inputs.DeepEquals(other.Inputs) {
			t.Errorf("%s is %s with %v, and %s with %v", name, r.URN(), r.Inputs, other.URN(), other.Inputs)
		}
	}
	if both != 2 { // mypc and the network
		t.Errorf("both have %d containers and networks", both)
	}
}

// An interrupted change of the scenario that is taken back has objects created anew on a node that stays. What is deleted after that, and not
// before, is what was created.
func TestWhatIsUniqueInAClusterIsDeletedBeforeItIsReplaced(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		unique, autonamed := 0, 0
		for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": string(scenario)}), true) {
			switch first := r.RPC.GetDeleteBeforeReplace(); {
			case !r.Kubernetes():
			case r.Type == "kubernetes:helm.sh/v3:Release" || metadata(r, "name") != "":
				if unique++; !first {
					t.Errorf("%s %s is created before the old one is deleted", r.Type, r.Name)
				}
			case r.Type != "kubernetes:batch/v1:Job":
				if autonamed++; first {
					t.Errorf("%s %s is deleted before there is a new one", r.Type, r.Name)
				}
			}
		}
		if unique < 30 || autonamed == 0 {
			t.Errorf("%s has %d objects with a name, and %d without", scenario, unique, autonamed)
		}
	}
}

func TestSettingsAreAcceptedOnceNothingIsWrongAndBeforeAnythingRegisters(t *testing.T) {
	for name, test := range map[string]struct {
		config            map[string]string
		objection         error
		accepted, refused bool
	}{
		"settings that are right":         {configure(nil), nil, true, false},
		"a stage that is none":            {configure(map[string]string{"istio-lab:stage": "mehs"}), nil, false, true},
		"a manifest that is not there":    {map[string]string{"istio-lab:lab": `{"manifests": {"metallb": "testdata/missing.yaml"}}`}, nil, false, true},
		"settings that cannot be written": {configure(nil), errors.New("no space left"), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			accepted := false
			listener := stacks.Listener{
				Accepted: func() error {
					accepted = true
					return test.objection
				},
				Registers: func(_ settings.Stage, _, name string) {
					if !accepted {
						t.Errorf("%s is registered before the settings are accepted", name)
					}
				},
			}
			resources, err := mocktest.Run(func(ctx *pulumi.Context) error { return stacks.Run(ctx, test.config, ".", listener) }, false)
			if accepted != test.accepted || (err != nil) != test.refused || test.objection != nil && !errors.Is(err, test.objection) {
				t.Errorf("accepted: %t, %v", accepted, err)
			}
			if test.refused != (len(resources) <= 1) { // the stack itself
				t.Errorf("%d resources are registered", len(resources))
			}
		})
	}
}
