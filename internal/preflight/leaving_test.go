package preflight

import (
	"slices"
	"testing"

	"github.com/docker/docker/api/types/container"

	"istio-lab/internal/owner"
)

func TestTheClustersThatAChangeDeletesAndCreatesAreTheStacksOwn(t *testing.T) {
	node := func(cluster string, of owner.Owner) container.Summary {
		all := labels(of)
		all[owner.KindLabel] = cluster
		return published(cluster+"-control-plane", all)
	}
	other := owner.Owner{Stack: "organization/istio-lab/other", Origin: us.Origin, Student: 4}
	for name, test := range map[string]struct {
		exist           []container.Summary
		leaving, coming []string
	}{
		"nothing exists":          {nil, nil, []string{"west-03", "east-03"}},
		"all exist":               {[]container.Summary{node("west-03", us), node("east-03", us)}, nil, nil},
		"the other scenario's":    {[]container.Summary{node("myk8s-03", us)}, []string{"myk8s-03"}, []string{"west-03", "east-03"}},
		"a change that was cut":   {[]container.Summary{node("myk8s-03", us), node("west-03", us)}, []string{"myk8s-03"}, []string{"east-03"}},
		"another student number":  {[]container.Summary{node("west-09", us), node("east-09", us)}, []string{"east-09", "west-09"}, []string{"west-03", "east-03"}},
		"another stack's cluster": {[]container.Summary{node("myk8s-04", other)}, nil, []string{"west-03", "east-03"}},
		"a cluster of kind's own": {[]container.Summary{published("kind-control-plane", map[string]string{owner.KindLabel: "kind"})}, nil, []string{"west-03", "east-03"}},
		"a container beside them": {[]container.Summary{published("mypc-03", labels(us))}, nil, []string{"west-03", "east-03"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, here := roomy()
			got := checker{want: want(), here: *here, containers: test.exist}.change()
			if !slices.Equal(got.Leaving, test.leaving) || !slices.Equal(got.Coming, test.coming) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
