package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	"github.com/shirou/gopsutil/v4/mem"

	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
)

// fits objects if this host has no memory for the labs of the classroom, each of which takes as much as the one that is measured.
func (r *classroom) fits(ctx context.Context, measured int, say io.Writer) error {
	docker, err := preflight.Connect(ctx)
	if err != nil {
		return err
	}
	defer docker.Close()
	one, err := memoryOf(ctx, docker, studentStack(measured))
	if err != nil {
		return err
	}
	more := 0
	for _, student := range r.students {
		took, err := memoryOf(ctx, docker, studentStack(student))
		if err != nil {
			return err
		}
		if took == 0 {
			more++
		}
	}
	left, err := memoryLeft(ctx, docker)
	if err != nil {
		return err
	}
	room := int(left / max(one, 1))
	fmt.Fprintf(say, "one lab takes %s; %s are left, which is room for %d more, and %d are to be built\n",
		inGiB(one), inGiB(left), room, more)
	if more > room {
		return fmt.Errorf("this host has no memory for %s; build fewer, or a smaller lab, such as --stage apps or --set addons.prometheus=false, "+
			"or build them all the same by --force", count(more, "more lab"))
	}
	return nil
}

// memoryLeft is the memory that containers can take yet: what this host has left, or what the engine's own has if that is less, as in
// a virtual machine.
func memoryLeft(ctx context.Context, docker *client.Client) (uint64, error) {
	host, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("the memory of this host: %w", err)
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask Docker about its host: %w", err)
	}
	taken, err := memoryOf(ctx, docker, "")
	if err != nil {
		return 0, err
	}
	return min(host.Available, uint64(info.MemTotal)-min(taken, uint64(info.MemTotal))), nil
}

// memoryOf is the memory that the running containers of a stack take, or those of all stacks for no name, in bytes, without what the kernel
// only keeps for them.
func memoryOf(ctx context.Context, docker *client.Client, stack string) (uint64, error) {
	running, err := docker.ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(filters.Arg("label", owner.StackLabel))})
	if err != nil {
		return 0, fmt.Errorf("list Docker's containers: %w", err)
	}
	var sum uint64
	for _, c := range running {
		if stack != "" && !strings.HasSuffix(c.Labels[owner.StackLabel], "/"+stack) {
			continue
		}
		reader, err := docker.ContainerStatsOneShot(ctx, c.ID)
		if err != nil {
			return 0, fmt.Errorf("the memory of %s: %w", c.Names[0][1:], err)
		}
		var stats container.StatsResponse
		err = json.NewDecoder(reader.Body).Decode(&stats)
		reader.Body.Close()
		if err != nil {
			return 0, fmt.Errorf("the memory of %s: %w", c.Names[0][1:], err)
		}
		cache := stats.MemoryStats.Stats["inactive_file"] // version 2 of cgroups
		if total, isFirst := stats.MemoryStats.Stats["total_inactive_file"]; isFirst {
			cache = total
		}
		sum += stats.MemoryStats.Usage - min(cache, stats.MemoryStats.Usage)
	}
	return sum, nil
}

func inGiB(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }
