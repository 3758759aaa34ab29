//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"istio-lab/internal/checks"
	"istio-lab/internal/owner"
)

// docker is a client of the engine that the lab uses.
var docker = sync.OnceValues(func() (*client.Client, error) {
	return client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
})

func pingDocker(ctx context.Context) error {
	d, err := docker()
	if err == nil {
		_, err = d.Ping(ctx)
	}
	return err
}

func mustDocker(t testing.TB) *client.Client {
	t.Helper()
	d, err := docker()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// inContainer runs a command in a container, and returns its standard output. What it says otherwise is in the error.
func inContainer(ctx context.Context, name string, command ...string) (string, error) {
	d, err := docker()
	if err != nil {
		return "", err
	}
	return checks.InContainer(ctx, d, name, command...)
}

// ofStack selects what a stack has made in Docker: the student number alone may be somebody else's.
func ofStack(stack string, student int) filters.Args {
	return filters.NewArgs(
		filters.Arg("label", owner.StackLabel+"=organization/istio-lab/"+stack),
		filters.Arg("label", owner.StudentLabel+"="+strconv.Itoa(student)),
	)
}

// leftovers names the containers and networks of a stack.
func leftovers(ctx context.Context, stack string, student int) ([]string, error) {
	d, err := docker()
	if err != nil {
		return nil, err
	}
	containers, err := d.ContainerList(ctx, container.ListOptions{All: true, Filters: ofStack(stack, student)})
	if err != nil {
		return nil, err
	}
	networks, err := d.NetworkList(ctx, network.ListOptions{Filters: ofStack(stack, student)})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range containers {
		names = append(names, "container "+strings.Join(c.Names, " "))
	}
	for _, n := range networks {
		names = append(names, "network "+n.Name)
	}
	return names, nil
}

// sweep removes from Docker what a stack has made, whatever its state says: the last resort after a failed test.
func sweep(ctx context.Context, stack string, student int) error {
	return remove(ctx, ofStack(stack, student), func(map[string]string) bool { return true })
}

// sweepSuite removes from Docker what all stacks of the suite have made: those of a run that was killed hold student numbers
// that others of its tests use.
func sweepSuite(ctx context.Context) error {
	return remove(ctx, filters.NewArgs(filters.Arg("label", owner.StudentLabel)), func(labels map[string]string) bool {
		student, err := strconv.Atoi(labels[owner.StudentLabel])
		name := strings.TrimPrefix(labels[owner.StackLabel], "organization/istio-lab/")
		return err == nil && firstStudent <= student && student <= lastStudent &&
			(strings.HasPrefix(name, "e2e-") || name == "student-"+strconv.Itoa(student)) // as lab classroom names it
	})
}

// remove removes containers with their volumes, and then networks, that are selected and whose labels are of the kind.
func remove(ctx context.Context, selected filters.Args, of func(labels map[string]string) bool) error {
	d, err := docker()
	if err != nil {
		return err
	}
	containers, err := d.ContainerList(ctx, container.ListOptions{All: true, Filters: selected})
	if err != nil {
		return err
	}
	var problems []error
	for _, c := range containers {
		if of(c.Labels) {
			problems = append(problems, d.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
		}
	}
	networks, err := d.NetworkList(ctx, network.ListOptions{Filters: selected})
	if err != nil {
		return err
	}
	for _, n := range networks {
		if of(n.Labels) {
			problems = append(problems, d.NetworkRemove(ctx, n.ID))
		}
	}
	return errors.Join(problems...)
}

// volumes returns the names of the engine's volumes that the filters select.
func volumes(ctx context.Context, of ...filters.KeyValuePair) (map[string]bool, error) {
	d, err := docker()
	if err != nil {
		return nil, err
	}
	list, err := d.VolumeList(ctx, volume.ListOptions{Filters: filters.NewArgs(of...)})
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, v := range list.Volumes {
		names[v.Name] = true
	}
	return names, nil
}

// unused selects volumes that no container has.
var unused = filters.Arg("dangling", "true")

// noMoreVolumes objects to volumes that the run has left behind: of any container, also of one that was replaced. It asks more than once,
// because a volume may be there for a moment longer than its container.
func noMoreVolumes(ctx context.Context, before map[string]bool) error {
	return poll(ctx, 20*time.Second, func(ctx context.Context) error {
		now, err := volumes(ctx, unused)
		if err != nil {
			return err
		}
		maps.DeleteFunc(now, func(name string, _ bool) bool { return before[name] })
		if len(now) > 0 {
			return fmt.Errorf("volumes that no container has, and that were not there before: %v", slices.Sorted(maps.Keys(now)))
		}
		return nil
	})
}
