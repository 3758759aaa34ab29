package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// errMissing says that there is no pulumi command yet, and that one can be built.
type errMissing struct {
	version string
	// tools is the folder of the module that pins the version, bin the one to build it into.
	tools, bin string
}

func (e errMissing) Error() string {
	return "there is no pulumi on PATH, and none was built in " + e.bin
}

// findBuilt returns the path of the pulumi command on PATH, or of one built before; errMissing where there is none.
func findBuilt(ctx context.Context, project string) (string, error) {
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
	return "", errMissing{version, tools, bin}
}

// findEngine returns the path of the pulumi command, and builds it from its pinned module where there is none, which is done once.
func findEngine(ctx context.Context, project string, say io.Writer) (string, error) {
	path, err := findBuilt(ctx, project)
	var missing errMissing
	if !errors.As(err, &missing) {
		return path, err
	}
	version, tools, bin := missing.version, missing.tools, missing.bin
	fmt.Fprintf(say, "there is no pulumi on PATH: building %s once, in %s; this takes 3 to 10 minutes\n", version, bin)
	start := time.Now()
	if err := buildEngine(ctx, tools, version, bin); err != nil {
		return "", fmt.Errorf("build pulumi: %w; or install it (https://www.pulumi.com/docs/install/)", err)
	}
	fmt.Fprintf(say, "built pulumi in %s\n", seconds(time.Since(start)))
	return exec.LookPath(filepath.Join(bin, "pulumi"))
}

// buildEngine builds the pulumi command apart and moves it to its folder bin, so that an interrupted build leaves nothing that looks
// complete. Of two at the same time, the first to be ready is taken.
func buildEngine(ctx context.Context, tools, version, bin string) error {
	if err := os.MkdirAll(filepath.Dir(bin), 0o755); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(bin), filepath.Base(bin)+".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	flags := "-X " + versionVariable + "=" + version
	if _, err := goCommand(ctx, tools, "build", "-ldflags", flags, "-o", draft+string(filepath.Separator), engineProgram); err != nil {
		return err
	}
	if err := os.Rename(draft, bin); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
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
