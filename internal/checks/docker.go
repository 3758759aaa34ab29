package checks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/errdefs"
	"github.com/docker/docker/pkg/stdcopy"

	"istio-lab/internal/preflight"
)

// InContainer runs a command in a container, and returns its standard output. What it says otherwise is in the error.
func InContainer(ctx context.Context, docker *client.Client, name string, command ...string) (string, error) {
	output, err := inContainer(ctx, docker, name, command)
	if err != nil {
		err = fmt.Errorf("docker exec %s %s: %w", name, shell(command), err)
	}
	return output, err
}

func inContainer(ctx context.Context, docker *client.Client, name string, command []string) (string, error) {
	exec, err := docker.ContainerExecCreate(ctx, name,
		container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return "", err
	}
	stream, err := docker.ContainerExecAttach(ctx, exec.ID, container.ExecAttachOptions{})
	if err != nil {
		return "", err
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Close)() // reading does not hear of the context
	var stdout, stderr bytes.Buffer
	if _, err := stdcopy.StdCopy(&stdout, &stderr, stream.Reader); err != nil && !errors.Is(err, io.EOF) {
		if ctx.Err() != nil {
			err = ctx.Err() // which is why the stream ended
		}
		return "", err
	}
	result, err := docker.ContainerExecInspect(ctx, exec.ID)
	if err == nil && result.ExitCode != 0 {
		err = fmt.Errorf("exit status %d: %s", result.ExitCode, tail(strings.TrimSpace(stdout.String()+stderr.String())))
	}
	return stdout.String(), err
}

// shell renders a command so that a user can run it in a shell.
func shell(command []string) string {
	var words []string
	for i, word := range command {
		if word == end || word == "-w" && i+1 < len(command) && command[i+1] == end {
			continue // which a user does not need
		}
		words = append(words, word)
	}
	return shellescape.QuoteCommand(words)
}

// running objects to a container that is not there, does not run or has lost the lab's network. Waiting mends none of that.
func (l *Lab) running(ctx context.Context, name string, address netip.Addr) error {
	command := preflight.Docker(l.settings.Lab.DockerHost)
	inspected, err := l.docker.ContainerInspect(ctx, name)
	switch {
	case errdefs.IsNotFound(err):
		return lasting{fmt.Errorf("there is no container %s; `lab up --refresh` makes it anew", name)}
	case err != nil:
		return fmt.Errorf("ask Docker for the container %s: %w", name, err)
	case !inspected.State.Running:
		return lasting{fmt.Errorf("the container %s does not run, but is %s (exit status %d); `lab up --refresh` starts it, "+
			"`%[4]s logs %[1]s` has its last words", name, inspected.State.Status, inspected.State.ExitCode, command)}
	}
	network := l.settings.Slot.Network.Name
	if at := inspected.NetworkSettings.Networks[network]; at == nil || at.IPAddress != address.String() {
		return lasting{fmt.Errorf("the container %s is not on the Docker network %s at %s; `%[4]s network connect --ip %[3]s "+
			"%[2]s %[1]s` connects it", name, network, address, command)}
	}
	return nil
}
