package main

import (
	"context"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/shirou/gopsutil/v4/mem"

	"istio-lab/internal/memory"
	"istio-lab/internal/preflight"
)

// fits objects if this host has no memory for the labs of the classroom, each of which takes as much as the one that is measured.
func (r *classroom) fits(ctx context.Context, measured int, say io.Writer) error {
	docker, err := preflight.Connect(ctx)
	if err != nil {
		return err
	}
	defer docker.Close()
	taken, err := memoryByStack(ctx, docker)
	if err != nil {
		return err
	}
	one, more := taken[studentStack(measured)], 0
	for _, student := range r.students {
		if taken[studentStack(student)] == 0 {
			more++
		}
	}
	left, err := memoryLeft(ctx, docker, taken)
	if err != nil {
		return err
	}
	room := int(left / max(one, 1))
	fmt.Fprintf(say, "one lab takes %s; %s are left, which is room for %d more, and %d are to be built\n",
		preflight.InGiB(one), preflight.InGiB(left), room, more)
	if more > room {
		return fmt.Errorf("this host has no memory for %s; build fewer, or a smaller lab, such as --stage apps or --set addons.prometheus=false, "+
			"or build them all the same by --force", count(more, "more lab"))
	}
	return nil
}

// memoryLeft is the memory that containers can take yet: what this host has left, or what the engine's own has beside what the labs have
// taken if that is less, as in a virtual machine.
func memoryLeft(ctx context.Context, docker *client.Client, taken map[string]uint64) (uint64, error) {
	host, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("the memory of this host: %w", err)
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask Docker about its host: %w", err)
	}
	left := uint64(info.MemTotal)
	for _, bytes := range taken {
		left -= min(bytes, left)
	}
	return min(host.Available, left), nil
}

// memoryByStack is the memory that the running containers of each stack take, in bytes.
func memoryByStack(ctx context.Context, docker *client.Client) (map[string]uint64, error) {
	all, err := ofLabs(ctx, docker)
	if err != nil {
		return nil, err
	}
	running := map[string][]container.Summary{}
	for _, c := range all {
		if c.State == container.StateRunning {
			name := stackOf(c)
			running[name] = append(running[name], c)
		}
	}
	taken := map[string]uint64{}
	for name, containers := range running {
		if taken[name], err = memory.Of(ctx, docker, containers); err != nil {
			return nil, err
		}
	}
	return taken, nil
}
