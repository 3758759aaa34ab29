package languagego

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// grace is how long a program that is interrupted may take to end.
const grace = 5 * time.Second

// Run implements pulumirpc.LanguageRuntimeServer: it compiles the program and runs it to its end. The engine shows what the program
// writes to standard output and standard error, which are the host's own.
func (h *host) Run(ctx context.Context, r *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if r.AttachDebugger {
		return nil, status.Error(codes.Unimplemented, "the test bed's pulumi-language-go cannot attach a debugger")
	}
	if options := r.Info.GetOptions().GetFields(); len(options) > 0 {
		return nil, status.Errorf(codes.Unimplemented, "the test bed's pulumi-language-go has no options of the runtime, and the project sets %s",
			strings.Join(slices.Sorted(maps.Keys(options)), ", "))
	}
	ctx, cancel := h.either(ctx)
	defer cancel()
	folder, err := os.MkdirTemp("", "pulumi-go-")
	if err != nil {
		return nil, fmt.Errorf("a place for the program: %w", err)
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "program")
	if err := h.compile(ctx, r.Info.GetProgramDirectory(), program); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	environment, err := environment(r, h.address)
	if err != nil {
		return nil, err
	}
	command := interruptible(ctx, program, r.Args...)
	command.Dir = r.Pwd
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return response(command.Run()), nil
}

// response is what the engine learns of the end of a program.
func response(err error) *pulumirpc.RunResponse {
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case errors.As(err, &exit) && exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true} // the program has told the engine itself
	}
	return &pulumirpc.RunResponse{Error: "the program: " + err.Error()}
}

// compile compiles a program as bin/lab is compiled, so that Go's cache has its packages already.
func (h *host) compile(ctx context.Context, directory, program string) error {
	h.say(ctx, "compiling the program")
	command := interruptible(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, ".")
	command.Dir = directory
	command.Env = append(os.Environ(), "CGO_ENABLED="+cmp.Or(os.Getenv("CGO_ENABLED"), "0")) // as the Makefile has it
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errNoGo
	case err != nil:
		return fmt.Errorf("the program in %s does not compile: %w\n%s", directory, err, bytes.TrimSpace(output.Bytes()))
	}
	// Of a package that is no program, go build writes an archive.
	if info, err := os.Stat(program); err != nil || info.Mode()&0o100 == 0 {
		return fmt.Errorf("the package in %s is not a program: it has no package main", directory)
	}
	h.say(ctx, "the program is compiled")
	return nil
}

var errNoGo = errors.New("go is not on PATH; install Go 1.26 or newer (https://go.dev/dl/)")

// say shows a person what is done, until there is something else to show.
func (h *host) say(ctx context.Context, what string) {
	// An engine that cannot show it can do without.
	_, _ = h.engine.Log(ctx, &pulumirpc.LogRequest{Severity: pulumirpc.LogSeverity_INFO, Message: what, Ephemeral: true})
}

// interruptible is a command that is interrupted when the context ends, and killed when it does not heed that.
func interruptible(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = grace
	return command
}

// environment is how Pulumi's SDK for Go learns what it is run for.
func environment(r *pulumirpc.RunRequest, engine string) ([]string, error) {
	config, err := json.Marshal(r.Config)
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(r.ConfigSecretKeys)
	if err != nil {
		return nil, err
	}
	return []string{
		pulumi.EnvOrganization + "=" + r.Organization,
		pulumi.EnvProject + "=" + r.Project,
		pulumi.EnvPulumiRootDirectory + "=" + r.Info.GetRootDirectory(),
		pulumi.EnvStack + "=" + r.Stack,
		pulumi.EnvConfig + "=" + string(config),
		pulumi.EnvConfigSecretKeys + "=" + string(secretKeys),
		pulumi.EnvDryRun + "=" + strconv.FormatBool(r.DryRun),
		pulumi.EnvParallel + "=" + strconv.Itoa(int(r.Parallel)),
		pulumi.EnvMonitor + "=" + r.MonitorAddress,
		pulumi.EnvEngine + "=" + engine,
	}, nil
}
