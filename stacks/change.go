package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/allot"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// sayChange tells the user, in a preview and before an update does it, which clusters it deletes and which it creates in their place: those
// of the other scenario, as a rule.
func (l *lab) sayChange(want preflight.Want) error {
	if l.ctx.RunningWithMocks() || l.OnExisting() {
		return nil
	}
	clusters, err := preflight.Change(l.ctx.Context(), want)
	if err != nil || len(clusters.Leaving) == 0 {
		return err
	}
	return l.ctx.Log.Info(change(l.Settings, clusters), &pulumi.LogArgs{})
}

// change says what becomes of the clusters.
func change(s settings.Settings, clusters preflight.Clusters) string {
	text := fmt.Sprintf("deletes %s, with all that is in %s", named(clusters.Leaving), pronoun(clusters.Leaving))
	if was := scenarioOf(clusters.Leaving[0]); was != s.Scenario {
		text = fmt.Sprintf("the scenario changes from %s to %s: %s", was, s.Scenario, text)
	}
	if len(clusters.Coming) > 0 {
		text += ", and creates " + named(clusters.Coming)
	}
	return text
}

// scenarioOf is the scenario that has a cluster.
func scenarioOf(cluster string) settings.Scenario {
	if (allot.Cluster{Name: cluster}).Manual() == "myk8s" {
		return settings.Extension
	}
	return settings.Multicluster
}

// named names clusters in a sentence, in the manual's order.
func named(clusters []string) string {
	clusters = slices.Clone(clusters)
	slices.Sort(clusters)
	slices.Reverse(clusters) // west, east
	if len(clusters) == 1 {
		return "the cluster " + clusters[0]
	}
	return "the clusters " + strings.Join(clusters, " and ")
}

func pronoun(clusters []string) string {
	if len(clusters) == 1 {
		return "it"
	}
	return "them"
}
