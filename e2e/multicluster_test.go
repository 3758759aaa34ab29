//go:build e2e

package e2e

import (
	"crypto/x509"
	"testing"
)

// multicluster is the lab of chapter 12, up to its mesh.
type multicluster struct {
	*stack
	root *x509.Certificate
	// volumes are those that the engine had before.
	volumes map[string]bool
}

// TestTheMulticlusterLab builds the lab once and lets the subtests look at it, change it, break it and throw it away,
// in their order. One alone, as in -run 'TestTheMulticlusterLab/kind_knows', has the lab built for it too.
func TestTheMulticlusterLab(t *testing.T) {
	need(t)
	l := &multicluster{stack: newStack(t, "e2e-multicluster", 90), volumes: volumes(t, false)}
	l.up(t, "--stage=mesh")
	l.root = rootOf(t, l.stack)
	for _, c := range l.members(t) {
		meshReady(t, c)
	}
	for _, part := range []struct {
		name string
		test func(*testing.T, *multicluster)
	}{
		{"kind knows the clusters and loads images into them", kindKnowsTheClusters},
		{"the kubeconfigs work from the host and on the Docker network", kubeconfigsWork},
		{"the nodes have the locality of their cluster", nodesHaveTheirLocality},
		{"a LoadBalancer service answers mypc by an address of the pool", loadBalancerAnswers},
		{"the ingress gateway has pinned ports and keeps the client's address", ingressIsReached},
		{"a workload's chain ends in the root through its cluster's intermediate", chainsOfTrust},
		{"a second up changes nothing", secondUpChangesNothing},
		{"lowering and raising the stage changes the mesh alone", stagesLowerAndRise},
		{"a restarted node comes back", restartedNodeComesBack},
		{"a cluster that kind deleted is made anew", deletedClusterIsHealed},
		{"a stopped node is started", stoppedNodeIsHealed},
		{"a deleted cacerts is put back", deletedCACertsIsHealed},
		{"no secret is in the state, in previews or in logs", noSecretsInPlainText},
		{"plain destroy leaves nothing", plainDestroyLeavesNothing},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, l) })
	}
}

// chainsOfTrust looks at the certificates with which the ingress gateways take part in the mesh.
func chainsOfTrust(t *testing.T, l *multicluster) {
	var chains [][]*x509.Certificate
	for i, c := range l.members(t) {
		chains = append(chains, trusted(t, c, l.root, intermediates[i]))
	}
	for i, chain := range chains {
		leaf, own, other := chain[0], chain[1], chains[1-i][1]
		if _, err := verify(leaf, l.root, other); err == nil {
			t.Errorf("the workload of %s verifies through %s too", own.Subject.CommonName, other.Subject.CommonName)
		}
	}
}

func secondUpChangesNothing(t *testing.T, l *multicluster) {
	l.up(t, "--stage=mesh")
	l.changedNothing(t)
	l.unchanged(t)
}
