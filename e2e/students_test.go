//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// TestStudentsOnOneHost builds three labs at the same time, one of chapter 12 and two of chapter 14, of which one is whole, lets something
// happen to two of them at the same time, and destroys the first.
func TestStudentsOnOneHost(t *testing.T) {
	parallel(t, 4, 12*time.Minute) // half of that, but first: later it would wait for so much room
	first, second, third := newStack(t, "e2e-first", 81), newStack(t, "e2e-second", 82), newStack(t, "e2e-third", 83)
	const extension = "--scenario=extension"
	together(t, map[*stack][]string{
		first: first.settings(t, "--stage=gateways"), second: second.settings(t, extension), third: third.settings(t, extension, "--stage=apps"),
	})

	run(t, "all are sound side by side", func(t *testing.T) {
		for _, s := range []*stack{first, second, third} {
			s.sound(t)
		}
	})
	run(t, "a stack with a number that is held is refused, and makes nothing", func(t *testing.T) {
		fourth := newStack(t, "e2e-fourth", first.student)
		_, err := fourth.tryLab(t.Context(), t, "up", fourth.settings(t, extension)...)
		if err == nil {
			t.Fatal("it is not refused")
		}
		for _, want := range []string{"student 81", "organization/istio-lab/" + first.name} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the refusal does not name %s: %v", want, err)
			}
		}
		nothingLeft(t, fourth, "made by a refused up")
		first.unchanged(t)
	})
	run(t, "at the same time", func(t *testing.T) {
		for _, happens := range []struct {
			name string
			s    *stack
			test func(*testing.T, *stack)
		}{
			{"a restarted node comes back", first, restartedNodeComesBack},
			{"lowering the stage takes the filters off", second, filtersComeOff},
		} {
			run(t, happens.name, func(t *testing.T) {
				t.Parallel()
				happens.test(t, happens.s)
			})
		}
	})
	run(t, "one is destroyed and the others do not notice", func(t *testing.T) {
		first.lab(t, "destroy", "--yes")
		nothingLeft(t, first, "left by destroy")
		for _, s := range []*stack{second, third} {
			s.unchanged(t)
			s.sound(t)
		}
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
