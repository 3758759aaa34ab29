//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"istio-lab/internal/release"
)

// TestTheReleaseOfTheManual builds the clusters of release book, as far as the test bed can make its images: up to the stage trust. The
// nodes, the load balancer and the certificates are those of the release; its Istio is in no registry of modules. The bed compiles
// another Kubernetes for it.
func TestTheReleaseOfTheManual(t *testing.T) {
	parallel(t, 2, 3*time.Minute)
	run(t, "it is built up to the stage trust, and then nothing changes", func(t *testing.T) {
		const book = "book"
		if _, err := bedUp("-release", book); err != nil {
			t.Fatal(err)
		}
		of, err := release.For(book, release.Overrides{})
		if err != nil {
			t.Fatal(err)
		}
		s := newStack(t, "e2e-book", 93)
		s.up(t, "--release="+book, "--stage=trust")

		s.sound(t)
		for _, node := range []string{s.slot.West.Node, s.slot.East.Node} {
			version, err := inContainer(t.Context(), node, "kubelet", "--version")
			if err != nil {
				t.Fatal(err)
			}
			if want := "Kubernetes v" + of.Versions().Kubernetes; strings.TrimSpace(version) != want {
				t.Errorf("%s runs %s, not %s", node, version, want)
			}
		}
		// Kubernetes 1.23 drops fields that it does not know, which must not look like drift.
		s.unchanged(t)
		if second := s.lab(t, "up"); !strings.Contains(second.stderr, "nothing changed") {
			t.Errorf("a second up changes something:\n%s", second.stderr)
		}
	})
}
