package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

// stack is a stack of the project, ready for a command.
type stack struct {
	auto.Stack
	project string
	backend backend
	engine  cli
	// config is the stack's configuration, which the program inside lab reads.
	config map[string]string
	// listener is told by the program what it does, and registered when it has registered all.
	listener   stacks.Listener
	registered func()
	say        io.Writer
}

// errNoStack says that a stack is not in the backend.
type errNoStack struct{ name, backend string }

func (e errNoStack) Error() string {
	return fmt.Sprintf("there is no stack %s in %s; `lab up --stack %[1]s` makes it", e.name, e.backend)
}

// findStacks finds the project and its backend.
func findStacks(say io.Writer) (*stack, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	project, err := findProject(here)
	if err != nil {
		return nil, err
	}
	login, err := currentLogin()
	if err != nil {
		return nil, err
	}
	b := chooseBackend(project, os.LookupEnv, login)
	return &stack{project: project, backend: b, say: say}, nil
}

// openWorkspace finds the project, its backend and the engine.
func openWorkspace(ctx context.Context, say io.Writer, abandon <-chan struct{}) (*stack, error) {
	s, err := findStacks(say)
	if err != nil {
		return nil, err
	}
	if err := s.backend.prepare(s.project); err != nil {
		return nil, err
	}
	path, err := findEngine(ctx, s.project, say)
	s.engine = cli{path, abandon}
	return s, err
}

// openStack opens a stack that exists.
func openStack(ctx context.Context, name string, say io.Writer, abandon <-chan struct{}) (*stack, error) {
	s, err := openWorkspace(ctx, say, abandon)
	if err != nil {
		return nil, err
	}
	return s, s.open(ctx, name)
}

// open selects the stack and reads its configuration.
func (s *stack) open(ctx context.Context, name string) (err error) {
	ws, err := s.workspace(ctx)
	if err != nil {
		return err
	}
	if s.Stack, err = auto.SelectStack(ctx, name, ws); err != nil {
		if auto.IsSelectStack404Error(err) {
			return errNoStack{name, s.backend.url}
		}
		return plain(err)
	}
	if _, isFile := s.backend.directory(s.project); isFile && s.hasFile(name) {
		config, complete, err := s.fileConfig(ctx, name)
		if s.config = config; complete || err != nil {
			return err
		}
	}
	values, err := s.GetAllConfig(ctx)
	if err != nil {
		return plain(err)
	}
	s.config = map[string]string{}
	for key, value := range values {
		s.config[key] = value.Value
	}
	return nil
}

// openOrCreate opens a stack, or makes it, with the settings that flags give. When one of them is refused nothing is stored
// and no stack is made. Without store they hold for this command alone.
func openOrCreate(ctx context.Context, name string, flags *settingsFlags, store bool, say io.Writer, abandon <-chan struct{},
) (*stack, error) {
	s, err := openWorkspace(ctx, say, abandon)
	if err != nil {
		return nil, err
	}
	err = s.open(ctx, name)
	missing := errors.As(err, &errNoStack{})
	if missing {
		if s.config, _, err = s.fileConfig(ctx, name); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	before := s.config
	after, differs, err := flags.change(before)
	if err != nil {
		return nil, usage{fmt.Errorf("the settings of stack %s are refused, and nothing was changed:\n%w", name, err)}
	}
	if missing {
		ws, err := s.workspace(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.forgetSalt(ctx, ws, name); err != nil {
			return nil, err
		}
		if s.Stack, err = auto.NewStack(ctx, name, ws); err != nil {
			return nil, plain(err)
		}
	}
	if differs && store {
		if err := s.store(ctx, before, after); err != nil {
			return nil, err
		}
	}
	s.config = after
	return s, nil
}

// hasFile says whether there is a file of settings for the stack.
func (s *stack) hasFile(name string) bool {
	_, err := os.Stat(filepath.Join(s.project, "Pulumi."+name+".yaml"))
	return err == nil
}

// fileConfig is the configuration in a stack's file, and whether that is all: secrets and environments take the engine, and
// a stack that the backend knows.
func (s *stack) fileConfig(ctx context.Context, name string) (config map[string]string, complete bool, err error) {
	config = map[string]string{}
	if !s.hasFile(name) {
		return config, false, nil
	}
	ws, err := s.workspace(ctx)
	if err != nil {
		return nil, false, err
	}
	file, err := ws.StackSettings(ctx, name)
	if err != nil {
		return nil, false, fmt.Errorf("read Pulumi.%s.yaml: %w", name, err)
	}
	complete = file.Environment == nil
	for key, value := range file.Config {
		if value.Secure() {
			complete = false
			continue
		}
		if config[key.String()], err = value.Value(nil); err != nil {
			return nil, false, fmt.Errorf("read Pulumi.%s.yaml: %s: %w", name, key, err)
		}
	}
	return config, complete, nil
}

// forgetSalt takes the salt of a former passphrase out of the file of a stack that the backend does not know: the state, and the
// passphrase with it, was deleted, or the file came with a clone. With a secret in the file the salt stays, for only the former
// passphrase reads it, and the engine says so.
func (s *stack) forgetSalt(ctx context.Context, ws auto.Workspace, name string) error {
	if !s.hasFile(name) {
		return nil
	}
	file, err := ws.StackSettings(ctx, name)
	if err != nil {
		return fmt.Errorf("read Pulumi.%s.yaml: %w", name, err)
	}
	for _, value := range file.Config {
		if value.Secure() {
			return nil
		}
	}
	if file.EncryptionSalt == "" {
		return nil
	}
	file.EncryptionSalt = ""
	if err := ws.SaveStackSettings(ctx, name, file); err != nil {
		return fmt.Errorf("write Pulumi.%s.yaml: %w", name, err)
	}
	return nil
}

// store writes what differs between two configurations into the stack's.
func (s *stack) store(ctx context.Context, before, after map[string]string) error {
	values := map[string]any{}
	for key, value := range after {
		if before[key] == value {
			continue
		}
		values[key] = map[string]any{"value": value}
		if key == labKey {
			values[key] = map[string]any{"value": value, "objectValue": json.RawMessage(value)}
		}
	}
	if len(values) > 0 {
		text, err := json.Marshal(values)
		if err != nil {
			return err
		}
		if err := s.SetAllConfigJson(ctx, string(text), nil); err != nil {
			return plain(err)
		}
	}
	removed := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(key string) bool {
		_, kept := after[key]
		return kept || !strings.HasPrefix(key, settings.Project+":")
	})
	if len(removed) == 0 {
		return nil
	}
	return plain(s.RemoveAllConfig(ctx, removed))
}

// plain takes the command line and the exit code out of an error of the Automation API, and leaves what the engine said.
func plain(err error) error {
	if err == nil {
		return nil
	}
	_, stderr, found := strings.Cut(err.Error(), "\nstderr: ")
	if stderr = strings.TrimSpace(stderr); !found || stderr == "" {
		return err
	}
	return errors.New(strings.TrimPrefix(stderr, "error: "))
}
