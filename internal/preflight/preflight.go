// Package preflight looks at the host, or at the clusters that a person has, before anything is made, and says all that would make the
// lab fail there. It changes nothing.
package preflight

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/system"
	"github.com/docker/docker/client"

	"istio-lab/internal/owner"
	"istio-lab/internal/release"
)

// Want is what a stack is about to make on the host.
type Want struct {
	Owner owner.Owner
	// DockerHost is the URL of the engine; empty for the one that the environment names.
	DockerHost string
	// Clusters are the names of the clusters that the stack makes, Nodes those of the containers that they run in, Clients those of the other
	// containers.
	Clusters, Nodes, Clients []string
	// Network is the name of the Docker network, Subnet its addresses.
	Network string
	Subnet  netip.Prefix
	// Ports are published on the host at ListenAddress.
	ListenAddress netip.Addr
	Ports         []int
	// Mirrors maps a registry's host to the URL that the nodes ask first for its images.
	Mirrors map[string]string
	// Existing are clusters that a person has, in the place of nodes on this host. Objects are those of no namespace that the stack makes
	// in each of them; the namespaces are among them.
	Existing []Existing
	Objects  []Object
	// Release is what the stack runs.
	Release release.Release
	// Downloads are URLs at which images' registries and manifests are, but for those that have a mirror.
	Downloads []string
}

// Check returns nil if the host has room for what is wanted, or joins one error for each problem.
func Check(ctx context.Context, want Want) error {
	docker, err := Connect(ctx, want.DockerHost)
	if err != nil {
		return err
	}
	defer docker.Close()
	return check(ctx, want, docker, here(docker))
}

// Examine looks at all that a lab needs of its host, what stops one and what is only good to know.
func Examine(ctx context.Context, want Want) []Finding {
	from := make(chan Finding, 1)
	go func() { from <- downloads(ctx, want.Downloads, Reach) }()
	if len(want.Existing) > 0 {
		findings, _ := examineExisting(ctx, want)
		return append(findings, <-from)
	}
	engine := Finding{Topic: "Docker", Why: "the clusters are containers"}
	var findings []Finding
	docker, err := Connect(ctx, want.DockerHost)
	if err == nil {
		defer docker.Close()
		var version types.Version
		if version, err = docker.ServerVersion(ctx); err == nil {
			engine.Found = fmt.Sprintf("%s at %s", version.Version, addressOf(want.DockerHost))
			findings, err = examine(ctx, want, docker, here(docker))
		}
	}
	if err != nil {
		engine.Found, engine.Problems = "cannot be used", []error{err}
	}
	return append(append([]Finding{engine}, findings...), <-from)
}

// here is this host, as far as it is the engine's too.
func here(docker *client.Client) host {
	here := thisHost
	here.local = Local(docker)
	return here
}

// engine is what a check asks Docker.
type engine interface {
	Info(context.Context) (system.Info, error)
	ContainerList(context.Context, container.ListOptions) ([]container.Summary, error)
	NetworkList(context.Context, network.ListOptions) ([]network.Summary, error)
}

func check(ctx context.Context, want Want, docker engine, here host) error {
	findings, err := examine(ctx, want, docker, here)
	if err != nil {
		return err
	}
	return Stops(findings)
}

// examine looks for each precondition in turn, in the order in which a person would.
func examine(ctx context.Context, want Want, docker engine, here host) ([]Finding, error) {
	containers, err := docker.ContainerList(ctx, container.ListOptions{All: true})
	if err != nil {
		return nil, fmt.Errorf("list Docker's containers: %w", err)
	}
	networks, err := docker.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list Docker's networks: %w", err)
	}
	c := checker{want: want, here: here, containers: containers, networks: networks}
	if c.nodesExist() {
		there := Finding{Topic: "nodes", Found: "there: " + strings.Join(want.Nodes, ", "), Why: "the clusters run in them"}
		return append(c.place(ctx), there), nil
	}
	info, err := docker.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask Docker about its host: %w", err)
	}
	return slices.Concat(c.containment(info), c.capacity(info), c.place(ctx), []Finding{c.mirrors(ctx, info)}), nil
}

// checker looks for problems of one kind at a time, and keeps the answers of the engine.
type checker struct {
	want       Want
	here       host
	containers []container.Summary
	networks   []network.Summary
}

// nodesExist says whether every node is there already, so that the host has shown that it has room for them, and is not asked again.
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
