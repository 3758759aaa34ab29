//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestAFailingUpSaysWhy breaks the lab by settings, one after the other, and mends it by taking them back.
func TestAFailingUpSaysWhy(t *testing.T) {
	parallel(t, 1, 4*time.Minute)
	type object = map[string]any
	images := func(name, image string) object { return object{"images": object{name: image}} }
	s := newStack(t, "e2e-failing", 84)
	place := []string{"--scenario=extension", "--stage=mesh"}
	for _, failure := range []struct {
		name string
		over object
		// says is what the last error is to name.
		says []string
		// pulls is the image that kubelet pulls in vain.
		pulls string
		// mended is whether the setting is taken back before the next failure.
		mended bool
	}{
		{
			name: "a mirror that does not answer",
			over: object{"mirrors": object{"docker.io": "http://127.0.0.1:9"}}, // discard, which nobody listens at
			says: []string{"lab.mirrors.docker.io", "http://127.0.0.1:9"},
		},
		// Here the gateways wait for istiod, and are to find it soon once it is there.
		{
			name: "an image of istiod that does not exist", over: images("pilot", "docker.io/istio/pilot:no-such-tag"),
			says: []string{"lab.images.pilot", "lab.mirrors.docker.io"}, pulls: "docker.io/istio/pilot:no-such-tag", mended: true,
		},
		{
			name: "a node image that does not exist for a node that runs already", over: images("node", "registry.invalid/node:no-such-tag"),
			says: []string{"registry.invalid/node:no-such-tag", "lab.images.node"},
		},
		{
			name: "a value of a wrong type",
			over: object{"istioOperator": object{"values": object{"pilot": object{"autoscaleEnabled": "sometimes"}}}},
			says: []string{"cannot unmarshal string"}, mended: true,
		},
		{
			name: "an image of istioctl that does not exist", over: images("istioctl", "docker.io/istio/istioctl:no-such-tag"),
			says: []string{"lab.images.istioctl"}, pulls: "docker.io/istio/istioctl:no-such-tag", mended: true,
		},
		{
			name: "an image that does not exist for what runs already", over: images("metallb-speaker", "quay.io/metallb/speaker:no-such-tag"),
			says: []string{"lab.images.metallb-speaker"}, pulls: "quay.io/metallb/speaker:no-such-tag", mended: true,
		},
	} {
		if !run(t, failure.name, func(t *testing.T) {
			r, err := s.tryLab(t.Context(), t, "up", append(s.settings(t, place...), "--lab-file", labFile(t, failure.over))...)
			// Other labs are built beside, and the first failure has its cluster made too. What up must not do is wait for a Job's or a
			// Deployment's ten minutes.
			if r.took > 8*time.Minute {
				t.Errorf("up took %s to fail", r.took)
			}
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("up is to end with the status 1: %v", err)
			}
			last := r.stderr[max(0, strings.LastIndex(r.stderr, "error: ")):]
			note(t, "%s", last)
			for _, part := range append(failure.says, failure.pulls) {
				if !strings.Contains(last, part) {
					t.Errorf("the last error does not say %q; all that was said:\n%s", part, r.stderr)
				}
			}
			if failure.pulls != "" {
				s.pulledInVain(t, failure.pulls)
			}
			if failure.mended {
				s.up(t, place...)
				meshReady(t, s.connect(t, s.slot.MyK8s))
			}
		}) {
			return
		}
	}
	s.unchanged(t)
}

// pulledInVain fails the test unless up has waited for kubelet's second attempt to pull an image, and not for many more: its pauses double.
func (s *stack) pulledInVain(t *testing.T, image string) {
	t.Helper()
	const fewest, most = 2, 3
	// A failed up has no outputs to connect by.
	text, err := kubectl(t.Context(), s.slot.MyK8s.Node, "get", "events", "--all-namespaces", "--field-selector=reason=Pulling", "-o=json")
	if err != nil {
		t.Fatal(err)
	}
	var events struct {
		Items []struct {
			Message string
			Count   int
		}
	}
	if err := json.Unmarshal([]byte(text), &events); err != nil {
		t.Fatal(err)
	}
	attempts := 0
	for _, event := range events.Items {
		if strings.Contains(event.Message, image) {
			attempts = max(attempts, event.Count)
		}
	}
	note(t, "kubelet has begun to pull %s %d times", image, attempts)
	if attempts < fewest || attempts > most {
		t.Errorf("kubelet has tried %d times to pull %s before up gave up, not %d or %d times", attempts, image, fewest, most)
	}
}
