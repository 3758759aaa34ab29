//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
)

// destroyedWhole destroys a stack with plain pulumi, which has no program at hand, and checks that nothing of it is left. Volumes of
// containers that came and went are looked for at the end of the suite.
func destroyedWhole(t *testing.T, s *stack) {
	t.Helper()
	own := s.ownVolumes(t)
	if len(own) == 0 {
		t.Error("the stack's containers have no volumes, which this test is about")
	}
	s.pulumi(t, "destroy", "--yes", "--skip-preview")
	nothingLeft(t, s, "left in Docker")
	there, err := volumes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range own {
		if there[name] {
			t.Errorf("left in Docker: volume %s", name)
		}
	}
	known := strings.Fields(kind(t, "get", "clusters"))
	for _, name := range []string{s.slot.West.Name, s.slot.East.Name, s.slot.MyK8s.Name} {
		if slices.Contains(known, name) {
			t.Errorf("kind still knows %s", name)
		}
	}
}

// nothingLeft fails the test if Docker has anything of the stack.
func nothingLeft(t *testing.T, s *stack, how string) {
	t.Helper()
	if left, err := leftovers(t.Context(), s.name, s.student); err != nil || len(left) > 0 {
		t.Errorf("%s: %v (%v)", how, left, err)
	}
}

// ownVolumes returns the volumes of the stack's containers.
func (s *stack) ownVolumes(t *testing.T) []string {
	t.Helper()
	all := container.ListOptions{All: true, Filters: ofStack(s.name, s.student)}
	containers, err := mustDocker(t).ContainerList(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range containers {
		for _, m := range c.Mounts {
			if m.Type == mount.TypeVolume {
				names = append(names, m.Name)
			}
		}
	}
	return names
}
