package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
)

// cli is a pulumi command line program. It does for the Automation API what auto.PulumiCommand does, and differs in what an
// interrupt does: auto gives the engine ten seconds to stop before it kills it, which leaves a lock and unfinished operations
// behind, and the step that is under way can take minutes.
type cli struct {
	path    string
	version semver.Version
	// abandon is closed when the person does not want to wait for an interrupted engine.
	abandon <-chan struct{}
}

// newCLI asks the program at a path for its version. Built from its module it has none, and serves all the same.
func newCLI(ctx context.Context, path string, abandon <-chan struct{}) (cli, error) {
	command := exec.CommandContext(ctx, path, "version")
	command.Env = append(os.Environ(), updateCheckVariable+"=true")
	out, err := command.Output()
	if err != nil {
		return cli{}, fmt.Errorf("%s does not run: %w", path, err)
	}
	// No version stays the zero version, for which the Automation API takes the ways that every engine knows.
	version, _ := semver.ParseTolerant(strings.TrimSpace(string(out)))
	return cli{path: path, version: version, abandon: abandon}, nil
}

// Version is the program's version; zero if it has none.
func (c cli) Version() semver.Version { return c.version }

// Run runs a command of the program to its end. When the context is cancelled, the engine is interrupted and waited for; when the
// person abandons it, it is interrupted again and stops at once.
func (c cli) Run(ctx context.Context, directory string, stdin io.Reader, stdouts, stderrs []io.Writer, env []string,
	args ...string,
) (string, string, int, error) {
	const notRun = -2
	if err := ctx.Err(); err != nil {
		return "", "", notRun, err
	}
	var stdout, stderr bytes.Buffer
	command := exec.Command(c.path, append([]string{"--non-interactive"}, args...)...)
	command.Dir = directory
	command.Stdin = stdin
	command.Stdout = io.MultiWriter(append(stdouts, &stdout)...)
	command.Stderr = io.MultiWriter(append(stderrs, &stderr)...)
	// The engine finds its language hosts and plugins beside it.
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(c.path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	command.Env = append(append(command.Env, env...), "PULUMI_AUTOMATION_API=true")
	ownGroup(command)
	if err := command.Start(); err != nil {
		return "", "", notRun, err
	}
	ended := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for _, signal := range []<-chan struct{}{ctx.Done(), c.abandon} {
			select {
			case <-signal:
				interrupt(command.Process)
			case <-ended:
				return
			}
		}
	}()
	err := command.Wait()
	close(ended)
	<-passed
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = notRun
	}
	return stdout.String(), stderr.String(), code, err
}
