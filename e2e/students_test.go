//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"
)

// TestTwoStudentsOnOneHost builds two labs at the same time, each up to a stage of its own, and destroys one of them.
func TestTwoStudentsOnOneHost(t *testing.T) {
	need(t)
	first, second := newStack(t, "e2e-first", 91), newStack(t, "e2e-second", 92)
	const stage = "--stage=loadbalancer"
	together(t, map[*stack][]string{
		first: first.settings(t, "--stage=gateways"), second: second.settings(t, stage),
	})

	t.Run("a third stack with a number that is held is refused, and makes nothing", func(t *testing.T) {
		third := newStack(t, "e2e-third", first.student)
		_, err := third.tryLab(t.Context(), t, "up", third.settings(t, stage)...)
		if err == nil {
			t.Fatal("it is not refused")
		}
		for _, want := range []string{"student 91", "organization/istio-lab/" + first.name} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the refusal does not name %s: %v", want, err)
			}
		}
		if left, err := leftovers(t.Context(), third.name, third.student); err != nil || len(left) > 0 {
			t.Errorf("it has made %v (%v)", left, err)
		}
		first.unchanged(t)
	})
	t.Run("one is destroyed and the other does not notice", func(t *testing.T) {
		first.lab(t, "destroy", "--yes")
		if left, err := leftovers(t.Context(), first.name, first.student); err != nil || len(left) > 0 {
			t.Errorf("left of %s: %v (%v)", first.name, left, err)
		}
		second.unchanged(t)
		second.sound(t)
	})
}

// together builds labs at the same time, each with its flags, and goes on once all are there.
func together(t testing.TB, labs map[*stack][]string) {
	t.Helper()
	var group sync.WaitGroup
	for s, flags := range labs {
		command := s.labCommand(t.Context(), t, "up", flags...)
		group.Go(func() {
			if _, err := s.record(t, command, "up "+s.name); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
}
