package stacks

import (
	"fmt"
	"net/netip"
	"os"
	"os/user"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// Run is the Pulumi program: it checks the configuration, a map from full keys to values, then the host, and builds the lab.
// Directory is the project's. When it refuses, nothing was registered.
//
// Report is told of what keeps the update waiting and only a person can mend: images that cannot be pulled. The update goes on;
// without report, the engine shows it as an error.
func Run(ctx *pulumi.Context, config map[string]string, directory string, report func(error)) error {
	s, err := settings.Parse(config)
	if err != nil {
		return fmt.Errorf("the configuration of stack %s is refused, and nothing was made:\n%w", ctx.Stack(), err)
	}
	o := newOwner(ctx, s, directory)
	if !ctx.RunningWithMocks() {
		if err := preflight.Check(ctx.Context(), wanted(s, o)); err != nil {
			return fmt.Errorf("this host is not ready for stack %s, and nothing was made:\n%w", ctx.Stack(), err)
		}
	}
	return build(ctx, s, o, directory, report)
}

func newOwner(ctx *pulumi.Context, s settings.Settings, directory string) owner.Owner {
	name, host := "somebody", "somewhere"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return owner.Owner{
		Stack:   strings.Join([]string{ctx.Organization(), ctx.Project(), ctx.Stack()}, "/"),
		Origin:  name + "@" + host + ":" + directory,
		Student: s.Slot.Student,
	}
}

// wanted is what the lab takes of the host.
func wanted(s settings.Settings, o owner.Owner) preflight.Want {
	w := preflight.Want{
		Owner: o, Clients: []string{s.Slot.Client.Name, s.Slot.Server.Name}, Network: s.Slot.Network.Name, Subnet: s.Slot.Network.Subnet,
		ListenAddress: netip.MustParseAddr(s.Lab.ListenAddress), Mirrors: s.Lab.Mirrors,
	}
	for _, c := range s.Clusters() {
		w.Nodes = append(w.Nodes, c.Node)
		w.Ports = append(w.Ports, c.APIPort)
		for _, p := range c.Ports {
			w.Ports = append(w.Ports, p.Host)
		}
	}
	return w
}
