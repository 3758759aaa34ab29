package preflight

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"istio-lab/internal/owner"
)

// place looks whether names, addresses and ports of the lab are free, or the stack's own.
func (c checker) place(ctx context.Context) []Finding {
	var ports []string
	for _, port := range c.want.Ports {
		ports = append(ports, strconv.Itoa(port))
	}
	return []Finding{
		{
			Topic: "student number", Found: strconv.Itoa(c.want.Owner.Student), Problems: c.holders(),
			Why: "names, addresses and ports follow from it, so that one stack at a time can hold it",
		},
		{
			Topic: "names", Found: strings.Join(slices.Concat(c.want.Nodes, c.want.Clients), ", "), Problems: c.names(),
			Why: "docker and kind know the lab's containers by them",
		},
		{
			Topic: "network", Found: c.want.Network + ", " + c.want.Subnet.String(), Problems: slices.Concat(c.network(), c.routed()),
			Why: "nodes and load balancers have fixed addresses in it, which no other network may have",
		},
		{
			Topic: "ports", Found: strings.Join(ports, ", ") + " at " + c.want.ListenAddress.String(), Problems: c.ports(ctx),
			Why: "API servers, gateways and add-ons are reached there",
		},
	}
}

// names reports containers that have a wanted name and belong to something else.
func (c checker) names() []error {
	var problems []error
	wanted := slices.Concat(c.want.Nodes, c.want.Clients)
	for _, s := range c.containers {
		name := nameOf(s)
		if !slices.Contains(wanted, name) || c.ours(s.Labels) || c.holds(s.Labels) {
			continue
		}
		remove := Docker(c.want.DockerHost) + " rm --force --volumes " + name
		if cluster := s.Labels[owner.KindLabel]; cluster != "" && c.want.DockerHost == "" {
			remove = "kind delete cluster --name " + cluster
		}
		problems = append(problems, fmt.Errorf("the name %s is taken by a container of the image %s (%s) that this stack did not "+
			"make; remove it by `%s`, or choose another student number", name, s.Image, s.Status, remove))
	}
	return problems
}

// network reports Docker networks of the wanted name, and those whose addresses overlap the wanted ones.
func (c checker) network() []error {
	var problems []error
	for _, n := range c.networks {
		if c.ours(n.Labels) || c.holds(n.Labels) {
			continue
		}
		if n.Name == c.want.Network {
			problems = append(problems, fmt.Errorf("the name %s is taken by a Docker network that this stack did not make; "+
				"remove it by `%s network rm %s`, or choose another student number", n.Name, Docker(c.want.DockerHost), n.Name))
		}
		for _, subnet := range subnets(n) {
			if subnet.Overlaps(c.want.Subnet) {
				problems = append(problems, fmt.Errorf("the addresses %s overlap %s of the Docker network %s; remove it by "+
					"`%s network rm %s`, choose another student number, or another /16 in lab.networks",
					c.want.Subnet, subnet, n.Name, Docker(c.want.DockerHost), n.Name))
			}
		}
	}
	return problems
}

func subnets(n network.Summary) []netip.Prefix {
	var all []netip.Prefix
	for _, config := range n.IPAM.Config {
		if subnet, err := netip.ParsePrefix(config.Subnet); err == nil {
			all = append(all, subnet)
		}
	}
	return all
}

// ports reports wanted ports that something else listens at.
func (c checker) ports(ctx context.Context) []error {
	var problems []error
	for _, port := range c.want.Ports {
		if i := slices.IndexFunc(c.containers, func(s container.Summary) bool { return c.publishes(s, port) }); i >= 0 {
			if s := c.containers[i]; !c.ours(s.Labels) && !c.holds(s.Labels) {
				problems = append(problems, taken(port, "the container "+nameOf(s)))
			}
			continue
		}
		if !c.here.local {
			continue
		}
		switch err := c.here.listen(netip.AddrPortFrom(c.want.ListenAddress, uint16(port))); {
		case errors.Is(err, syscall.EADDRINUSE):
			by := c.here.listener(ctx, port)
			if by == "" {
				by = fmt.Sprintf("a process that is not yours to see (`sudo ss -ltnp sport = :%d` names it)", port)
			}
			problems = append(problems, taken(port, by))
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			return append(problems, fmt.Errorf("lab.listenAddress %s is not an address of this host; take one that "+
				"`ip address` shows, or 127.0.0.1", c.want.ListenAddress))
		}
	}
	return problems
}

func taken(port int, by string) error {
	return fmt.Errorf("port %d is taken by %s; stop that, or choose another student number", port, by)
}

// publishes says whether a container publishes a port where the wanted one would be.
func (c checker) publishes(s container.Summary, port int) bool {
	return slices.ContainsFunc(s.Ports, func(p container.Port) bool {
		at, err := netip.ParseAddr(p.IP)
		return err == nil && int(p.PublicPort) == port && p.Type == "tcp" &&
			(at == c.want.ListenAddress || at.IsUnspecified() || c.want.ListenAddress.IsUnspecified())
	})
}
