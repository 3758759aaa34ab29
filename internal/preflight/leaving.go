package preflight

import (
	"context"
	"fmt"
	"slices"

	"github.com/docker/docker/api/types/container"

	"istio-lab/internal/owner"
)

// Clusters are the names of a stack's clusters, by what becomes of them.
type Clusters struct {
	// Leaving exist and are not wanted any more, Coming are wanted and do not exist.
	Leaving, Coming []string
}

// Change looks on the host which clusters of the stack an update deletes, and which it creates.
func Change(ctx context.Context, want Want) (Clusters, error) {
	docker, err := Connect(ctx, want.DockerHost)
	if err != nil {
		return Clusters{}, err
	}
	defer docker.Close()
	containers, err := docker.ContainerList(ctx, container.ListOptions{All: true})
	if err != nil {
		return Clusters{}, fmt.Errorf("list Docker's containers: %w", err)
	}
	return checker{want: want, here: here(docker), containers: containers}.change(), nil
}

func (c checker) change() Clusters {
	var exist []string
	for _, s := range c.containers {
		if name := s.Labels[owner.KindLabel]; name != "" && c.ours(s.Labels) {
			exist = append(exist, name)
		}
	}
	slices.Sort(exist)
	without := func(names, others []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
	}
	return Clusters{Leaving: without(exist, c.want.Clusters), Coming: without(c.want.Clusters, exist)}
}
