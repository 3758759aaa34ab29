//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"istio-lab/internal/settings"
)

// TestTheScenarioOfABuiltLabIsChanged changes the whole lab of chapter 12 to one of chapter 14 by lab, which is killed in the middle, and back
// by plain pulumi. West and myk8s have one address and the same ports.
func TestTheScenarioOfABuiltLabIsChanged(t *testing.T) {
	parallel(t, 2, 6*time.Minute)
	s := newStack(t, "e2e-scenario", 91)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	s.variables = []string{"KUBECONFIG=" + kubeconfig}
	s.up(t)
	run(t, "a cut between the nodes is named", func(t *testing.T) { cutIsNamed(t, s) })
	s.lab(t, "kubeconfig", "--merge")
	extension := s.settings(t, "--scenario=extension", "--stage=cluster")
	says := fmt.Sprintf("the scenario changes from multicluster to extension: deletes the clusters %s and %s, with all that is in them, "+
		"and creates the cluster %s\n", s.slot.West.Name, s.slot.East.Name, s.slot.MyK8s.Name)

	run(t, "the preview says what goes and what comes", func(t *testing.T) {
		r := s.lab(t, "preview", extension...)
		replaced := "+- " + s.slot.MyK8s.Node + " in the place of " + s.slot.West.Node
		if !strings.Contains(r.stderr, says) || !strings.Contains(r.stdout, replaced) || !strings.Contains(r.stdout, "-  "+s.slot.East.Node) {
			t.Errorf("the preview does not say %q, nor show %q:\n%s\n%s", says, replaced, r.stderr, r.stdout)
		}
	})
	run(t, "a change that is refused is not stored", func(t *testing.T) {
		port := s.slot.MyK8s.Ports[6].Host // which west has not
		taken, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, err = s.tryLab(t.Context(), t, "up", extension...)
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || !strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", port)) {
			t.Errorf("a port of myk8s is taken, and the change is not refused for that: %v", err)
		}
		if stored := s.parsed(t); stored.Scenario != settings.Multicluster || stored.Stage != settings.Policy {
			t.Errorf("stored are %s and %s", stored.Scenario, stored.Stage)
		}
		// By its name the scenario is the one that is in force by default: the stage stays.
		if r := s.lab(t, "preview", "--scenario=multicluster"); !strings.Contains(r.stdout, "nothing would change") {
			t.Errorf("the refused change, or the scenario's name, would change something:\n%s", r.stdout)
		}
	})
	run(t, "an up that is killed in the middle is continued", func(t *testing.T) {
		s.killedUp(t, func(c checkpoint) bool { return c.pending(containerType, s.slot.MyK8s.Name) }, extension...)
		r := s.lab(t, "up", extension...)
		if says := "deletes the cluster " + s.slot.East.Name; !strings.Contains(r.stderr, says) {
			t.Errorf("before it goes on, up does not say %q:\n%s", says, r.stderr)
		}
		s.isBuilt(t, kubeconfig, s.slot.MyK8s.Name)
	})
	if t.Failed() {
		return
	}
	run(t, "plain pulumi changes it back", func(t *testing.T) {
		s.pulumi(t, "config", "set", "istio-lab:scenario", "multicluster")
		s.pulumi(t, "config", "set", "istio-lab:stage", "clusters")
		s.pulumi(t, "up", "--yes", "--skip-preview")
		s.isBuilt(t, "", s.slot.West.Name, s.slot.East.Name)
	})
}

// isBuilt fails the test unless the stack has these clusters and no others of its student, all of whose claims are true. Contexts of them
// and no others are in the kubeconfig, if there is one.
func (s *stack) isBuilt(t *testing.T, kubeconfig string, clusters ...string) {
	t.Helper()
	s.sound(t)
	s.unchanged(t)
	known := strings.Fields(kind(t, "get", "clusters"))
	for _, c := range []string{s.slot.West.Name, s.slot.East.Name, s.slot.MyK8s.Name} {
		if slices.Contains(known, c) != slices.Contains(clusters, c) {
			t.Errorf("kind knows the clusters %v; of the lab there should be %v", known, clusters)
		}
	}
	if kubeconfig == "" {
		return
	}
	merged, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range clusters {
		want = append(want, "kind-"+c)
	}
	if got := slices.Sorted(maps.Keys(merged.Contexts)); !slices.Equal(got, want) || merged.CurrentContext != want[0] {
		t.Errorf("the kubeconfig has the contexts %v, the current one is %s", got, merged.CurrentContext)
	}
}
