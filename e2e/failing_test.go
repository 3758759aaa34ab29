//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestAFailingInstallationSaysWhy breaks the installation of Istio by settings, and mends it by taking them away.
func TestAFailingInstallationSaysWhy(t *testing.T) {
	need(t)
	type object = map[string]any
	s := newStack(t, "e2e-failing", 93)
	s.up(t, "--scenario=extension", "--stage=cluster")
	for _, failure := range []struct {
		name string
		over object
		// reason is what the message is to say; within bounds the whole of it.
		reason string
		within time.Duration
	}{
		{
			name:   "a value of a wrong type is named by istioctl",
			over:   object{"istioOperator": object{"values": object{"pilot": object{"autoscaleEnabled": "sometimes"}}}},
			reason: "cannot unmarshal string", within: 2 * time.Minute,
		},
		{
			// istioctl waits five minutes for a component, as it does anywhere.
			name:   "an image that does not exist is named",
			over:   object{"images": object{"pilot": "docker.io/istio/pilot:no-such-tag"}},
			reason: "no-such-tag", within: 8 * time.Minute,
		},
	} {
		t.Run(failure.name, func(t *testing.T) {
			start := time.Now()
			_, err := s.tryLab(t.Context(), t, "up", s.settings(t, "--stage=mesh", "--lab-file", labFile(t, failure.over))...)
			if took := time.Since(start); took > failure.within {
				t.Errorf("up took %s to fail", took)
			}
			if err == nil {
				t.Fatal("up does not fail")
			}
			if !strings.Contains(err.Error(), failure.reason) {
				t.Errorf("the message does not say %q: %v", failure.reason, err)
			}
			t.Log(err)
			s.up(t, "--stage=mesh")
			meshReady(t, s.connect(t, s.slot.MyK8s))
			s.unchanged(t)
		})
	}
}
