package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"istio-lab/testbed/internal/artifact"
)

// log is where an engine that Start starts writes what it does.
const log = "/var/log/dockerd.log"

// patience bounds the wait for an engine that starts.
const patience = time.Minute

// Start starts the machine's own engine, by systemd where that runs, and waits until it answers. A runtime, if one is named, is the
// program that the engine starts containers with in place of runc.
func Start(ctx context.Context, runtime string) error {
	if _, err := os.Stat("/run/systemd/system"); err == nil && runtime == "" {
		if err := artifact.Run(exec.CommandContext(ctx, "systemctl", "start", "docker")); err != nil {
			return err
		}
		return answers(ctx, "journalctl -u docker", nil)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	output, err := os.Create(log)
	if err != nil {
		return err
	}
	defer output.Close()
	var args []string
	if runtime != "" {
		args = []string{"--add-runtime", "own=" + runtime, "--default-runtime", "own"}
	}
	daemon := exec.Command("dockerd", args...)
	daemon.Stdout, daemon.Stderr = output, output
	// It outlives this process, and what the person types at its terminal.
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := daemon.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	return answers(ctx, log, ended)
}

// answers waits until the engine does. What it does is on record.
func answers(ctx context.Context, record string, ended <-chan error) error {
	deadline := time.After(patience)
	for {
		if _, err := Run(ctx, "info"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("the Docker engine ended (%w); see %s", err, record)
		case <-deadline:
			return fmt.Errorf("the Docker engine does not answer after %s; see %s", patience, record)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
