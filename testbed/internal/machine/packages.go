package machine

import (
	"context"
	"os"
	"os/exec"

	"istio-lab/testbed/internal/artifact"
)

// Update has apt read anew what its archives offer.
func Update(ctx context.Context) error { return apt(ctx, "update") }

// Install installs packages of the distribution, without those that they merely recommend.
func Install(ctx context.Context, packages ...string) error {
	return apt(ctx, append([]string{"install", "--yes", "--no-install-recommends"}, packages...)...)
}

func apt(ctx context.Context, args ...string) error {
	// Another run of apt, such as the nightly one, is waited for.
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"--quiet=2", "--option=DPkg::Lock::Timeout=120"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	// It ends by itself what would be half done.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return artifact.Run(cmd)
}
