//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"
)

// change is what a preview plans for a resource.
type change struct {
	Operation, Resource string
}

// changes are those that a preview plans.
func (s *stack) changes(t testing.TB, args ...string) []change {
	t.Helper()
	var all []change
	r := s.lab(t, "preview", append(args, "--json")...)
	if err := json.Unmarshal([]byte(r.stdout), &all); err != nil {
		t.Fatalf("the preview is not JSON: %v\n%s", err, tail(r.stdout))
	}
	return all
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
	if r := s.lab(t, "preview", "--refresh"); r.stdout != "nothing would change\n" {
		t.Errorf("the stack is not what is really there:\n%s", tail(r.stdout))
	}
}

// unchangedForPulumi is unchanged by plain pulumi, which compiles the program each time.
func (s *stack) unchangedForPulumi(t testing.TB) {
	t.Helper()
	if _, err := s.tryPulumi(t, "preview", "--refresh", "--expect-no-changes", "--diff"); err != nil {
		t.Errorf("for plain pulumi, the stack is not what is really there: %v", err)
	}
}
