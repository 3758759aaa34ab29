package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/engine"
)

// need is something that the test bed cannot do without.
type need struct {
	name   string
	remedy string
	met    func(context.Context) bool
	// packages of the distribution bring it, if they are all that it takes.
	packages []string
}

// The needs for bringing a machine what it lacks, for starting an engine, and for making images besides.
var (
	forAnything = []need{
		{"Linux", "run the test bed on Linux: it makes Linux file systems",
			func(context.Context) bool { return runtime.GOOS == "linux" }, nil},
		{"root", "run the test bed as root: it installs packages, and makes file systems with files of several owners",
			func(context.Context) bool { return os.Geteuid() == 0 }, nil},
		command("apt-get", "use Debian or one of its descendants: the images are made from its packages"),
	}
	forEngine = []need{
		command("dockerd", "apt-get install docker.io", "docker.io"),
		command("iptables", "apt-get install iptables", "iptables"),
	}
	forImages = []need{
		command("go", "install Go 1.26 or newer"),
		{"Debian " + debian.Release, "set up apt with an archive of Debian " + debian.Release + ", and run apt-get update",
			func(ctx context.Context) bool { _, err := debian.Sources(ctx); return err == nil }, nil},
		command("mmdebstrap", "apt-get install mmdebstrap", "mmdebstrap"),
		{"pip", "apt-get install python3-pip",
			func(ctx context.Context) bool {
				return exec.CommandContext(ctx, "python3", "-m", "pip", "--version").Run() == nil
			}, []string{"python3-pip"}},
	}
)

// command is the need for a program.
func command(name, remedy string, packages ...string) need {
	return need{name, remedy, func(context.Context) bool { _, err := exec.LookPath(name); return err == nil }, packages}
}

// unmet are those of the needs that the machine does not meet.
func unmet(ctx context.Context, needs ...need) []need {
	var lacking []need
	for _, n := range needs {
		if !n.met(ctx) {
			lacking = append(lacking, n)
		}
	}
	return lacking
}

func missing(ctx context.Context, _ *bed, args []string) error {
	if err := noArguments("missing", args); err != nil {
		return err
	}
	needs := append(append([]need{}, forAnything...), forImages...)
	needs = append(needs, command("docker", "install the Docker command line"), need{
		"docker engine", "start a Docker engine, and make sure that docker info succeeds",
		func(ctx context.Context) bool { _, err := engine.Run(ctx, "info"); return err == nil }, nil,
	})
	lacking := unmet(ctx, needs...)
	for _, n := range lacking {
		fmt.Printf("%s: %s\n", n.name, n.remedy)
	}
	if len(lacking) > 0 {
		return fmt.Errorf("%d of the %d things that a test bed needs are missing", len(lacking), len(needs))
	}
	return nil
}
