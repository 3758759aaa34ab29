//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// step is what a preview plans for a resource, or what an update has done to it.
type step struct {
	Op, URN string
}

// changes previews the stack with plain pulumi, and returns the steps that would change something.
func (s *stack) changes(t testing.TB, args ...string) []step {
	t.Helper()
	var plan struct{ Steps []step }
	r := s.pulumi(t, append([]string{"preview", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(r.stdout), &plan); err != nil {
		t.Fatalf("the preview is not JSON: %v\n%s", err, tail(r.stdout))
	}
	if len(plan.Steps) == 0 {
		t.Fatalf("the preview has no steps, not even unchanged ones:\n%s", tail(r.stdout))
	}
	var changes []step
	for _, step := range plan.Steps {
		if step.Op != "same" {
			changes = append(changes, step)
		}
	}
	return changes
}

// lastUpdate counts what the last update of the stack has done, by kind: same, create and so on.
func (s *stack) lastUpdate(t testing.TB) map[string]int {
	t.Helper()
	var history []struct {
		Kind, Result    string
		ResourceChanges map[string]int
	}
	r := s.pulumi(t, "stack", "history", "--json", "--page-size=1")
	if err := json.Unmarshal([]byte(r.stdout), &history); err != nil || len(history) != 1 {
		t.Fatalf("the history has no last update: %v\n%s", err, tail(r.stdout))
	}
	if history[0].Result != "succeeded" {
		t.Fatalf("the last update is one that %s: %+v", history[0].Result, history[0])
	}
	return history[0].ResourceChanges
}

// changedNothing fails the test if the last update has changed anything.
func (s *stack) changedNothing(t testing.TB) {
	t.Helper()
	counts := s.lastUpdate(t)
	if counts["same"] == 0 {
		t.Errorf("the last update has looked at nothing: %v", counts)
	}
	delete(counts, "same")
	if len(counts) > 0 {
		t.Errorf("the last update was to change nothing, but did %v", counts)
	}
}

// unchanged fails the test unless a preview, against what is really there, has nothing to do.
func (s *stack) unchanged(t testing.TB) {
	t.Helper()
	if _, err := s.tryPulumi(t, "preview", "--refresh", "--expect-no-changes", "--diff"); err != nil {
		t.Errorf("the stack is not what is really there: %v", err)
	}
}

// titles renders steps for a message.
func titles(steps []step) string {
	var lines []string
	for _, step := range steps {
		lines = append(lines, fmt.Sprintf("%s %s", step.Op, step.URN[strings.LastIndex(step.URN, "$")+1:]))
	}
	return strings.Join(lines, "\n")
}
