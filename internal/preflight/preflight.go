// Package preflight looks at the host before anything is made, and says all that would make the lab fail there. It changes
// nothing.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/system"

	"istio-lab/internal/owner"
)

// Want is what a stack is about to make on the host.
type Want struct {
	Owner owner.Owner
	// Nodes are the names of the containers that clusters run in, Clients those of the other containers.
	Nodes, Clients []string
	// Network is the name of the Docker network, Subnet its addresses.
	Network string
	Subnet  netip.Prefix
	// Ports are published on the host at ListenAddress.
	ListenAddress netip.Addr
	Ports         []int
	// Mirrors maps a registry's host to the URL that the nodes ask first for its images.
	Mirrors map[string]string
}

// Check returns nil if the host has room for what is wanted, or joins one error for each problem.
func Check(ctx context.Context, want Want) error {
	docker, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer docker.Close()
	here := thisHost
	here.local = isLocal(docker.DaemonHost())
	return check(ctx, want, docker, here)
}

// engine is what a check asks Docker.
type engine interface {
	Info(context.Context) (system.Info, error)
	ContainerList(context.Context, container.ListOptions) ([]container.Summary, error)
	NetworkList(context.Context, network.ListOptions) ([]network.Summary, error)
}

func check(ctx context.Context, want Want, docker engine, here host) error {
	containers, err := docker.ContainerList(ctx, container.ListOptions{All: true})
	if err != nil {
		return fmt.Errorf("list Docker's containers: %w", err)
	}
	networks, err := docker.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return fmt.Errorf("list Docker's networks: %w", err)
	}
	c := checker{want: want, here: here, containers: containers, networks: networks}
	problems := slices.Concat(c.slot(), c.names(), c.network(), c.ports(ctx))
	if !c.nodesExist() {
		info, err := docker.Info(ctx)
		if err != nil {
			return fmt.Errorf("ask Docker about its host: %w", err)
		}
		problems = slices.Concat(problems, c.capacity(info), c.mirrors(ctx, info))
	}
	return errors.Join(problems...)
}

// checker looks for problems of one kind at a time, and keeps the answers of the engine.
type checker struct {
	want       Want
	here       host
	containers []container.Summary
	networks   []network.Summary
}

// nodesExist says whether every node is there already, so that the host has shown that it has room for them.
func (c checker) nodesExist() bool {
	return !slices.ContainsFunc(c.want.Nodes, func(node string) bool {
		return !slices.ContainsFunc(c.containers, func(s container.Summary) bool {
			return nameOf(s) == node && c.ours(s.Labels)
		})
	})
}

// nameOf is the name of a container, which Docker reports with a slash before it.
func nameOf(s container.Summary) string {
	if len(s.Names) == 0 {
		return s.ID
	}
	return s.Names[0][1:]
}
