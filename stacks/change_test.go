package stacks

import (
	"testing"

	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

func TestAChangeOfTheClustersIsSaidInWords(t *testing.T) {
	for name, test := range map[string]struct {
		scenario settings.Scenario
		clusters preflight.Clusters
		want     string
	}{
		"to extension": {
			settings.Extension, preflight.Clusters{Leaving: []string{"east", "west"}, Coming: []string{"myk8s"}},
			"the scenario changes from multicluster to extension: deletes the clusters west and east, with all that is in them, and creates the cluster myk8s",
		},
		"to multicluster": {
			settings.Multicluster, preflight.Clusters{Leaving: []string{"myk8s-07"}, Coming: []string{"west-07", "east-07"}},
			"the scenario changes from extension to multicluster: deletes the cluster myk8s-07, with all that is in it, and creates the clusters west-07 and east-07",
		},
		"a change that was cut": {
			settings.Extension, preflight.Clusters{Leaving: []string{"east"}},
			"the scenario changes from multicluster to extension: deletes the cluster east, with all that is in it",
		},
		"another student number": {
			settings.Extension, preflight.Clusters{Leaving: []string{"myk8s"}, Coming: []string{"myk8s-07"}},
			"deletes the cluster myk8s, with all that is in it, and creates the cluster myk8s-07",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := change(settings.Settings{Scenario: test.scenario}, test.clusters); got != test.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
