//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// statusSaysHowTheLabIs looks at what lab says of a whole lab without asking its clusters.
func statusSaysHowTheLabIs(t *testing.T, s *stack) {
	var now struct {
		Built      string
		Resources  int
		Containers map[string]string
	}
	if err := json.Unmarshal([]byte(s.lab(t, "status", "--json").stdout), &now); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(now.Built, "multicluster up to policy, ") || now.Resources < 100 {
		t.Errorf("built are %d resources, %q", now.Resources, now.Built)
	}
	for _, name := range []string{s.slot.West.Node, s.slot.East.Node, s.slot.Client.Name} {
		if !strings.HasPrefix(now.Containers[name], "Up ") {
			t.Errorf("%s is said to be %q", name, now.Containers[name])
		}
	}
	type listed struct {
		Stack            string
		Student, Running int
	}
	var all []listed
	if err := json.Unmarshal([]byte(s.lab(t, "list", "--json").stdout), &all); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(all, listed{s.name, s.student, 3}) {
		t.Errorf("the stacks are said to be %+v", all)
	}
	if r := s.lab(t, "doctor"); !strings.Contains(r.stdout, "nodes           there: "+s.slot.West.Node) {
		t.Errorf("the doctor does not see the nodes:\n%s", r.stdout)
	}
	_, err := s.tryLab(t.Context(), t, "doctor", s.settings(t, "--stack=e2e-other")...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(err.Error(), "student 90 is held by the stack") {
		t.Errorf("of a student number that is held, the doctor says: %v", err)
	}
}
