package stacks

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/istio"
	"istio-lab/internal/cache"
	"istio-lab/internal/manifest"
	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// Listener is told what the program does. Any of its functions may be nil.
type Listener struct {
	// Accepted is told that nothing is wrong with the settings, nor with what the lab is to be built on, before anything is registered. An
	// error ends the program there.
	Accepted func() error
	// Stuck is told of what keeps the update waiting and only a person can mend: images that cannot be pulled. The update goes on;
	// where nobody listens, the engine shows it as an error.
	Stuck func(error)
	// Registers is told of every resource that a provider makes, by its type and name, before it is registered, and of its stage.
	Registers func(stage settings.Stage, typ, name string)
}

// Run is the Pulumi program: it checks the configuration, a map from full keys to values, then the host, and builds the lab.
// Directory is the project's. When it refuses, nothing was registered.
func Run(ctx *pulumi.Context, config map[string]string, directory string, listener Listener) error {
	s, err := settings.Parse(config)
	if err != nil {
		return fmt.Errorf("the configuration of stack %s is refused, and nothing was made:\n%w", ctx.Stack(), err)
	}
	s = s.In(directory)
	want := Wanted(s, strings.Join([]string{ctx.Organization(), ctx.Project(), ctx.Stack()}, "/"), directory)
	known := standIns(want)
	if !ctx.RunningWithMocks() {
		if known, err = Ready(ctx.Context(), ctx.Stack(), want); err != nil {
			return err
		}
	}
	l := &lab{ctx: ctx, Settings: s, owner: want.Owner, known: known}
	return l.build(want, directory, listener)
}

// Ready looks at what a stack is to be built on: this host, or the person's clusters, of which it returns what they say of themselves. The
// error has all that is wrong there.
func Ready(ctx context.Context, stack string, want preflight.Want) (map[string]preflight.Known, error) {
	if len(want.Existing) == 0 {
		if err := preflight.Check(ctx, want); err != nil {
			return nil, fmt.Errorf("this host is not ready for stack %s, and nothing was made:\n%w", stack, err)
		}
		return nil, nil
	}
	known, err := preflight.Meet(ctx, want)
	if err != nil {
		return nil, fmt.Errorf("the clusters are not ready for stack %s, and nothing was made:\n%w", stack, err)
	}
	return known, nil
}

// standIns are known in the place of clusters, where there are none.
func standIns(want preflight.Want) map[string]preflight.Known {
	known := map[string]preflight.Known{}
	for _, c := range want.Existing {
		known[c.Name] = preflight.Known{Kubeconfig: "of " + c.Context, Identity: "uid of " + c.Context, Server: c.Server}
	}
	return known
}

// Origin tells equally named stacks of two people apart: user@host:directory of the project.
func Origin(directory string) string {
	name, host := "somebody", "somewhere"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host + ":" + directory
}

// downloads are where the lab's images and manifests come from: registries without a mirror, and manifests that are neither files nor downloaded already.
func downloads(s settings.Settings) []string {
	var urls []string
	images := s.Release.Images
	if s.OnExisting() {
		images = nil // those are pulled where the clusters are
	}
	for _, image := range images {
		named, err := reference.ParseNormalizedNamed(image)
		if err != nil {
			continue // Docker says so
		}
		registry := reference.Domain(named)
		if s.Lab.Mirrors[registry] != "" {
			continue
		}
		urls = append(urls, cache.Upstream(registry)+"/v2/")
	}
	for name := range manifests(s) {
		if manifest.Kept(s.Release.Manifests[name]) {
			continue
		}
		if u, err := url.Parse(s.Release.Manifests[name].Location); err == nil && u.Host != "" {
			urls = append(urls, u.Scheme+"://"+u.Host+"/")
		}
	}
	slices.Sort(urls)
	return slices.Compact(urls)
}

// Wanted is what a lab takes of the host. Stack is the stack's full name, organization/project/stack; directory is the project's.
func Wanted(s settings.Settings, stack, directory string) preflight.Want {
	s = s.In(directory)
	w := preflight.Want{
		Owner: owner.Owner{Stack: stack, Origin: Origin(directory), Student: s.Slot.Student}, Clients: []string{s.Slot.Client.Name, s.Slot.Server.Name},
		Network: s.Slot.Network.Name, Subnet: s.Slot.Network.Subnet,
		ListenAddress: netip.MustParseAddr(s.Lab.ListenAddress), Mirrors: s.Lab.Mirrors, Downloads: downloads(s), Release: s.Release,
	}
	if s.OnExisting() {
		for _, c := range s.Clusters() {
			w.Existing = append(w.Existing, preflight.Existing{
				Name: c.Name, Setting: settings.KeyLab + ".clusters." + c.Manual(), Existing: s.Existing(c),
			})
		}
		w.Objects = []preflight.Object{{Kind: "Namespace", Name: istio.SystemNamespace}, {Kind: "Namespace", Name: apps.Namespace}}
		return w
	}
	w.DockerHost = s.Lab.DockerHost
	for _, c := range s.Clusters() {
		w.Clusters = append(w.Clusters, c.Name)
		w.Nodes = append(w.Nodes, c.Node)
		w.Ports = append(w.Ports, c.APIPort)
		for _, p := range c.Ports {
			w.Ports = append(w.Ports, p.Host)
		}
	}
	return w
}
