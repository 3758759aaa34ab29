//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The programs that the suite builds, each once and only if a test uses it.
var (
	buildLab  = sync.OnceValues(func() (string, error) { return build("lab", ".", "./cmd/lab") })
	buildKind = sync.OnceValues(func() (string, error) {
		if path, err := exec.LookPath("kind"); err == nil {
			return path, nil
		}
		return build("kind", "tools", "sigs.k8s.io/kind")
	})
)

func build(name, module, what string) (string, error) {
	program := filepath.Join(workbench, name)
	c := exec.Command("go", "build", "-trimpath", "-o", program, what)
	c.Dir = filepath.Join(project, module)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", what, err, tail(string(out)))
	}
	return program, nil
}

// kind runs kind, and returns what it prints.
func kind(t testing.TB, args ...string) string {
	t.Helper()
	command, err := kindCommand(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := output(command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// kindCommand is a run of kind that is not begun.
func kindCommand(t testing.TB, args ...string) (*exec.Cmd, error) {
	t.Helper()
	program, err := buildKind()
	if err != nil {
		return nil, err
	}
	// A test's context is over when it cleans up, which kind is used for too.
	c := exec.Command(program, args...)
	// kind adds what it makes to a kubeconfig: one of no use to anybody.
	c.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(t.TempDir(), "kubeconfig"))
	return c, nil
}

// output runs a command, and returns what it prints. What it complains of is in the error.
func output(c *exec.Cmd) (string, error) {
	out, err := c.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w\n%s%s", strings.Join(c.Args, " "), err, tail(string(out)), tail(string(exit.Stderr)))
	}
	return string(out), err
}
