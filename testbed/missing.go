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
}

var needs = []need{
	{"Linux", "run the test bed on Linux: it makes Linux file systems",
		func(context.Context) bool { return runtime.GOOS == "linux" }},
	{"root", "run the test bed as root: it makes file systems with files of several owners",
		func(context.Context) bool { return os.Geteuid() == 0 }},
	command("go", "install Go 1.26 or newer"),
	command("apt-get", "use Debian or one of its descendants: the images are made from its packages"),
	command("mmdebstrap", "apt-get install mmdebstrap"),
	{"Debian " + debian.Release, "set up apt with an archive of Debian " + debian.Release + ", and run apt-get update",
		func(ctx context.Context) bool { _, err := debian.Sources(ctx); return err == nil }},
	{"pip", "apt-get install python3-pip",
		func(ctx context.Context) bool {
			return exec.CommandContext(ctx, "python3", "-m", "pip", "--version").Run() == nil
		}},
	command("docker", "install the Docker command line"),
	{"docker engine", "start a Docker engine, and make sure that docker info succeeds",
		func(ctx context.Context) bool { _, err := engine.Run(ctx, "info"); return err == nil }},
}

// command is the need for a program.
func command(name, remedy string) need {
	return need{name, remedy, func(context.Context) bool { _, err := exec.LookPath(name); return err == nil }}
}

func missing(ctx context.Context, _ *bed, args []string) error {
	if err := noArguments("missing", args); err != nil {
		return err
	}
	unmet := 0
	for _, n := range needs {
		if !n.met(ctx) {
			fmt.Printf("%s: %s\n", n.name, n.remedy)
			unmet++
		}
	}
	if unmet > 0 {
		return fmt.Errorf("%d of the %d things that a test bed needs are missing", unmet, len(needs))
	}
	return nil
}
