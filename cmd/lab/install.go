package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// engineModule is the module of the pulumi command, engineProgram the package; tools/go.mod pins its version.
const (
	engineModule  = "github.com/pulumi/pulumi/pkg/v3"
	engineProgram = engineModule + "/cmd/pulumi"
	// versionVariable is where a released program has its version. Without it plugins that ask for one refuse the program.
	versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
)

// findEngine returns the path of the pulumi command on PATH, or of one built from its pinned module, which is done once.
func findEngine(ctx context.Context, project string, say io.Writer) (string, error) {
	if path, err := exec.LookPath("pulumi"); err == nil {
		return filepath.Abs(path)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no pulumi on PATH and no place to build it in: %w; "+
			"install it (https://www.pulumi.com/docs/install/)", err)
	}
	tools := filepath.Join(project, "tools")
	version, err := goCommand(ctx, tools, "list", "-m", "-f", "{{.Version}}", engineModule)
	if err != nil {
		return "", fmt.Errorf("there is no pulumi on PATH, and it cannot be built: %w; "+
			"install it (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/)", err)
	}
	version = strings.TrimSpace(version)
	bin := filepath.Join(cache, "istio-lab", "bin", "pulumi-"+version)
	if path, err := exec.LookPath(filepath.Join(bin, "pulumi")); err == nil {
		return path, nil
	}
	fmt.Fprintf(say, "there is no pulumi on PATH: building %s once, in %s; this takes 3 to 10 minutes\n", version, bin)
	start := time.Now()
	// Built apart and moved, so that an interrupted build leaves nothing that looks complete.
	draft := bin + ".new" + string(filepath.Separator)
	_, err = goCommand(ctx, tools, "build", "-ldflags", "-X "+versionVariable+"="+version, "-o", draft, engineProgram)
	if err == nil {
		err = os.Rename(draft, bin)
	}
	if err != nil {
		return "", fmt.Errorf("build pulumi: %w; or install it (https://www.pulumi.com/docs/install/)", err)
	}
	fmt.Fprintf(say, "built pulumi in %s\n", seconds(time.Since(start)))
	return exec.LookPath(filepath.Join(bin, "pulumi"))
}

func goCommand(ctx context.Context, directory string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = directory
	out, err := command.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
