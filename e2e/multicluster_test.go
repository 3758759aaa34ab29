//go:build e2e

package e2e

import (
	"testing"

	"istio-lab/internal/settings"
)

// multicluster is the lab of chapter 12.
type multicluster struct {
	*stack
	// root is the certificate that the stack puts out, in PEM.
	root string
	// volumes are those that the engine had before.
	volumes map[string]bool
}

// last is the last stage of the lab.
const last = "--stage=policy"

// TestTheMulticlusterLab builds the lab stage by stage and lets the other subtests look at it, change it, break it and throw it
// away, in their order. One alone, as in -run 'TestTheMulticlusterLab/kind_knows', has the lab built for it too.
func TestTheMulticlusterLab(t *testing.T) {
	need(t)
	t.Parallel()
	l := &multicluster{stack: newStack(t, "e2e-multicluster", 90), volumes: volumes(t, false)}
	t.Run("each lesson can be followed, and its stage makes its claims true and no others", func(t *testing.T) {
		l.climb(t, settings.Multicluster, chapter12)
	})
	if t.Failed() {
		return
	}
	l.up(t, last)
	l.root = l.outputs(t).RootCertificate
	for _, part := range []struct {
		name string
		test func(*testing.T, *multicluster)
	}{
		{"kind knows the clusters and loads images into them", kindKnowsTheClusters},
		{"the kubeconfigs work from the host and on the Docker network", kubeconfigsWork},
		{"the ingress gateway has pinned ports and keeps the client's address", ingressIsReached},
		{"a second up changes nothing", secondUpChangesNothing},
		{"the status and the doctor say how the lab is", statusSaysHowTheLabIs},
		{"a person follows the lab", aPersonFollowsTheLab},
		{"the pages turn", thePagesTurn},
		{"a failing backend is taken over by the other cluster's", failsOver},
		{"a stopped gateway, a stopped istiod and a deleted cacerts are named and healed", brokenIstioIsHealed},
		{"a cut between the nodes is named", cutIsNamed},
		{"a node that lost its network and one that stands still are named and healed", brokenNodesAreHealed},
		{"a cluster that kind deleted is made anew", deletedClusterIsHealed},
		{"a restarted node comes back", restartedNodeComesBack},
		{"lowering the stage takes away what came after it", stagesLowerAndRise},
		{"no secret is in the state, in previews or in logs", noSecretsInPlainText},
		{"plain destroy leaves nothing", plainDestroyLeavesNothing},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, l) })
	}
}

func secondUpChangesNothing(t *testing.T, l *multicluster) {
	l.up(t)
	l.changedNothing(t)
	l.unchanged(t)
}
