//go:build e2e

package e2e

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestAFailingUpSaysWhy breaks the lab by settings, one after the other, and mends it each time by taking them back.
func TestAFailingUpSaysWhy(t *testing.T) {
	need(t)
	type object = map[string]any
	images := func(name, image string) object { return object{"images": object{name: image}} }
	s := newStack(t, "e2e-failing", 93)
	for _, failure := range []struct {
		name, stage string
		over        object
		// says is what the last error is to name; within bounds the whole run.
		says   []string
		within time.Duration
	}{
		{
			name: "a mirror that does not answer", stage: "cluster",
			over: object{"mirrors": object{"docker.io": "http://127.0.0.1:9"}}, // discard, which nobody listens at
			says: []string{"lab.mirrors.docker.io", "http://127.0.0.1:9"}, within: 30 * time.Second,
		},
		{
			name: "a node image that does not exist", stage: "cluster", over: images("node", "registry.invalid/node:no-such-tag"),
			says: []string{"registry.invalid/node:no-such-tag", "lab.images.node"}, within: 30 * time.Second,
		},
		// kubelet tries for the second time 25 s after the first; the rest of the time is what comes before the pod. Here the
		// gateways wait for istiod, and are to find it soon once it is there.
		{
			name: "an image of istiod that does not exist", stage: "mesh", over: images("pilot", "docker.io/istio/pilot:no-such-tag"),
			says: []string{"docker.io/istio/pilot:no-such-tag", "lab.images.pilot", "lab.mirrors.docker.io"}, within: 75 * time.Second,
		},
		{
			name: "a value of a wrong type", stage: "mesh",
			over: object{"istioOperator": object{"values": object{"pilot": object{"autoscaleEnabled": "sometimes"}}}},
			says: []string{"cannot unmarshal string"}, within: 2 * time.Minute,
		},
		{
			name: "an image of istioctl that does not exist", stage: "mesh", over: images("istioctl", "docker.io/istio/istioctl:no-such-tag"),
			says: []string{"docker.io/istio/istioctl:no-such-tag", "lab.images.istioctl"}, within: 75 * time.Second,
		},
		{
			name: "an image that does not exist for what runs already", stage: "mesh",
			over: images("metallb-speaker", "quay.io/metallb/speaker:no-such-tag"),
			says: []string{"quay.io/metallb/speaker:no-such-tag", "lab.images.metallb-speaker"}, within: 75 * time.Second,
		},
	} {
		t.Run(failure.name, func(t *testing.T) {
			start := time.Now()
			// A first up that is refused leaves no stack, and so nothing of its flags: they are said each time.
			place := []string{"--scenario=extension", "--stage=" + failure.stage}
			r, err := s.tryLab(t.Context(), t, "up", append(s.settings(t, place...), "--lab-file", labFile(t, failure.over))...)
			if took := time.Since(start); took > failure.within {
				t.Errorf("up took %s to fail", took)
			}
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("up is to end with the status 1: %v", err)
			}
			last := r.stderr[max(0, strings.LastIndex(r.stderr, "error: ")):]
			note(t, "%s", last)
			for _, part := range failure.says {
				if !strings.Contains(last, part) {
					t.Errorf("the last error does not say %q; all that was said:\n%s", part, r.stderr)
				}
			}
			s.up(t, place...)
			if failure.stage == "mesh" {
				meshReady(t, s.connect(t, s.slot.MyK8s))
			}
			s.unchanged(t)
		})
		if t.Failed() {
			return
		}
	}
}
