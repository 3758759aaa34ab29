package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/shirou/gopsutil/v4/mem"

	"istio-lab/internal/memory"
	"istio-lab/internal/preflight"
)

// fits objects if a host has no memory for its labs of the classroom, each of which takes as much as the one that is measured. Known says
// whether that could be measured; the labs on a host that cannot be asked are refused.
func (r *classroom) fits(ctx context.Context, measured int, say io.Writer) (known bool, err error) {
	type figures struct {
		left  uint64
		taken map[string]uint64
	}
	of := map[string]figures{} // by the engine's URL
	for _, h := range r.hostsOf(append([]int{measured}, r.students...)) {
		left, taken, err := memoryOn(ctx, h)
		if err != nil {
			r.refuse(h, err)
			continue
		}
		of[h.url] = figures{left, taken}
	}
	first, known := of[r.hosts[measured].url]
	if !known {
		return false, nil
	}
	one := first.taken[studentStack(measured)]
	var problems []error
	for _, h := range r.hostsOf(r.students) {
		left, taken, more := of[h.url].left, of[h.url].taken, 0
		for _, student := range r.students {
			if r.refused[student] == nil && r.hosts[student].url == h.url && taken[studentStack(student)] == 0 {
				more++
			}
		}
		room := int(left / max(one, 1))
		fmt.Fprintf(say, "one lab takes %s; %s are left on %s, which is room for %d more, and %d are to be built\n",
			preflight.InGiB(one), preflight.InGiB(left), h, room, more)
		if more > room {
			problems = append(problems, fmt.Errorf("%s has no memory for %s; build fewer, or a smaller lab, such as --stage apps or "+
				"--set addons.prometheus=false, or build them all the same by --force", h, count(more, "more lab")))
		}
	}
	return true, errors.Join(problems...)
}

// memoryOn is the memory that containers on a host can take yet, and what those of each stack take, in bytes. It is what the host has
// left, or what the engine's own has beside what the labs have taken if that is less, as in a virtual machine; of another host, its engine
// alone is asked.
func memoryOn(ctx context.Context, h dockerHost) (left uint64, taken map[string]uint64, err error) {
	docker, err := h.connect(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer docker.Close()
	if taken, err = memoryByStack(ctx, docker); err != nil {
		return 0, nil, err
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("ask Docker about its host: %w", err)
	}
	left = uint64(info.MemTotal)
	for _, bytes := range taken {
		left -= min(bytes, left)
	}
	if !preflight.Local(docker) {
		return left, taken, nil
	}
	host, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("the memory of this host: %w", err)
	}
	return min(host.Available, left), taken, nil
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
