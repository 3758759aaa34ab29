//go:build e2e

package e2e

import (
	"testing"
	"time"

	"istio-lab/internal/settings"
)

// last is the last stage of the multicluster lab.
const last = "--stage=policy"

// TestTheMulticlusterLab builds the lab of chapter 12 stage by stage, as a reader does, looks at it, and destroys it.
func TestTheMulticlusterLab(t *testing.T) {
	parallel(t, 2, 7*time.Minute)
	s := newStack(t, "e2e-multicluster", 90)
	if !run(t, "each lesson can be followed, and its stage makes its claims true and no others", func(t *testing.T) {
		s.climb(t, settings.Multicluster, chapter12)
	}) {
		return
	}
	s.lookAt(t, []look{
		{"kind knows the clusters and loads images into them", kindKnowsTheClusters},
		{"the kubeconfigs work from the host and on the Docker network", kubeconfigsWork},
		{"the ingress gateway has pinned ports and keeps the client's address", ingressIsReached},
		{"the status and the doctor say how the lab is", statusSaysHowTheLabIs},
		{"a person follows the lab", aPersonFollowsTheLab},
		{"the pages turn", thePagesTurn},
		{"no secret is in the state, in previews or in logs", noSecretsInPlainText},
		{"plain destroy leaves nothing", destroyedWhole},
	})
}

// TestALabInUse builds the lab of chapter 12 at once, changes it, breaks it, and goes back stages and forth again.
func TestALabInUse(t *testing.T) {
	parallel(t, 2, 8*time.Minute)
	s := newStack(t, "e2e-used", 98)
	s.up(t)
	s.lookAt(t, []look{
		{"a second up changes nothing", secondUpChangesNothing},
		{"a failing backend is taken over by the other cluster's", failsOver},
		{"a stopped gateway, a stopped istiod and a deleted cacerts are named and healed", brokenIstioIsHealed},
		{"lowering the stage takes away what came after it", stagesLowerAndRise},
	})
}

// look is something to be seen of a lab.
type look struct {
	name string
	test func(*testing.T, *stack)
}

func (s *stack) lookAt(t *testing.T, looks []look) {
	for _, l := range looks {
		run(t, l.name, func(t *testing.T) { l.test(t, s) })
	}
}

func secondUpChangesNothing(t *testing.T, s *stack) {
	s.up(t)
	s.changedNothing(t)
	s.unchangedForPulumi(t)
}
