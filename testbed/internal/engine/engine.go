// Package engine talks to the Docker engine by its command line, as the person would.
package engine

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os/exec"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"istio-lab/testbed/internal/artifact"
)

// Run runs a docker command and returns its output.
func Run(ctx context.Context, args ...string) (string, error) {
	return artifact.Output(exec.CommandContext(ctx, "docker", args...))
}

// Load gives the engine an image under ref, and tells whether it did not have it yet.
func Load(ctx context.Context, ref string, image v1.Image) (bool, error) {
	id, err := image.ConfigName()
	if err != nil {
		return false, err
	}
	before, err := Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err == nil && before == id.String() {
		return false, nil
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		return false, err
	}
	load := exec.CommandContext(ctx, "docker", "load", "--quiet")
	fed := artifact.Feed(load, func(input io.Writer) error { return tarball.Write(tag, image, input) })
	if err := fed(artifact.Run(load)); err != nil {
		return false, fmt.Errorf("loading %s: %w", ref, err)
	}
	if before != "" {
		// The engine refuses while a container still runs the former image, which is as it should be.
		_, _ = Run(ctx, "image", "rm", before)
	}
	return true, nil
}

// HostAddress is the host's own address on the engine's default bridge. Containers of every network reach it,
// whereas the engine keeps one bridge's containers and published ports from another's.
func HostAddress(ctx context.Context) (netip.Addr, error) {
	found, err := Run(ctx, "network", "inspect", "bridge", "--format",
		"{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}\n{{end}}")
	if err != nil {
		return netip.Addr{}, err
	}
	return hostAddress(found)
}

// hostAddress reads lines of subnet and gateway. The engine leaves out a gateway that nobody has set:
// then it is the first address of the subnet.
func hostAddress(config string) (netip.Addr, error) {
	for line := range strings.Lines(config) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		subnet, err := netip.ParsePrefix(fields[0])
		if err != nil || !subnet.Addr().Is4() {
			continue
		}
		if len(fields) > 1 {
			return netip.ParseAddr(fields[1])
		}
		return subnet.Masked().Addr().Next(), nil
	}
	return netip.Addr{}, fmt.Errorf("the engine's network bridge has no IPv4 subnet: %q", config)
}
