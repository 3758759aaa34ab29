package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/blang/semver"
)

// cli is a pulumi command line program. It does for the Automation API what auto.PulumiCommand does, and differs in what an
// interrupt does: auto gives the engine ten seconds to stop before it kills it, which leaves a lock and unfinished operations
// behind, and the step that is under way can take minutes.
type cli struct {
	path string
	// abandon is closed when the person does not want to wait for an interrupted engine.
	abandon <-chan struct{}
}

// leastVersion is the oldest engine that lab works with: it runs a program inside lab on destroy too.
var leastVersion = semver.Version{Major: 3, Minor: 181}

// Version is the least one, so that the Automation API takes the ways that every engine knows. The program is not asked, which
// would cost a start of it.
func (cli) Version() semver.Version { return leastVersion }

// Run runs a command of the program to its end. When the context is cancelled, the engine is interrupted and waited for; when the
// person abandons it, it is interrupted again and stops at once.
func (c cli) Run(ctx context.Context, directory string, stdin io.Reader, stdouts, stderrs []io.Writer, env []string,
	args ...string,
) (string, string, int, error) {
	const notRun = -2
	if err := ctx.Err(); err != nil {
		return "", "", notRun, err
	}
	if len(args) > 1 && args[0] == "stack" && args[1] == "history" {
		return "[]", "", 0, nil // the Automation API asks at the end of each operation, for a summary that nobody reads here
	}
	var stdout, stderr bytes.Buffer
	command := exec.Command(c.path, append([]string{"--non-interactive"}, args...)...)
	command.Dir = directory
	command.Stdin = stdin
	command.Stdout = io.MultiWriter(append(stdouts, &stdout)...)
	command.Stderr = io.MultiWriter(append(stderrs, &stderr)...)
	// The engine finds its language hosts and plugins beside it, unless the person has others on PATH.
	command.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+string(os.PathListSeparator)+filepath.Dir(c.path))
	command.Env = append(append(command.Env, env...), "PULUMI_AUTOMATION_API=true")
	err := attend(ctx, c.abandon, command)
	if command.Process == nil {
		return "", c.path + " does not run: " + err.Error(), notRun, err
	}
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = notRun
	}
	return stdout.String(), stderr.String(), code, err
}

// attend runs a command to its end. When the context is cancelled it is interrupted and waited for; when the user abandons it, it is
// interrupted once more. A command that starts after that cleans up, and is not interrupted.
func attend(ctx context.Context, abandon <-chan struct{}, command *exec.Cmd) error {
	select {
	case <-abandon:
		abandon = nil
	default:
	}
	ownGroup(command)
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for cancelled := ctx.Done(); ; {
			select {
			case <-cancelled:
				cancelled = nil
			case <-abandon:
				abandon = nil
			case <-ended:
				return
			}
			interrupt(command.Process)
		}
	}()
	err := command.Wait()
	close(ended)
	<-passed
	return err
}
