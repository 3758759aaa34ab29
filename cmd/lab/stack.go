package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
	"istio-lab/internal/testbed"
	"istio-lab/stacks"
)

// stack is a stack of the project, ready for a command.
type stack struct {
	auto.Stack
	project string
	backend backend
	engine  cli
	// made is what this process uses of what the test bed made.
	made testbed.Use
	// config is the stack's configuration, which the program inside lab reads; secret are the keys that are kept as secrets.
	config map[string]string
	secret []string
	// before is what the file of settings was, of a stack that there is only for a moment; see leave.
	before *[]byte
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

// findStacks finds the project and its backend, and what the test bed made for it.
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
	made, err := useTestBed(project)
	if err != nil {
		return nil, err
	}
	b := chooseBackend(project, os.LookupEnv, login)
	return &stack{project: project, backend: b, made: made, say: say}, nil
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
	if files, ok := s.stateFiles(); ok {
		if err := files.Stack(name).RemoveEmptyAttributes(); err != nil {
			return err
		}
	}
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
		file, err := s.fileConfig(ctx, name)
		if s.config = file.values; file.complete || err != nil {
			return err
		}
	}
	values, err := s.GetAllConfig(ctx)
	if err != nil {
		return plain(err)
	}
	s.config = map[string]string{}
	for key, value := range values {
		if s.config[key] = value.Value; value.Secret {
			s.secret = append(s.secret, key)
		}
	}
	return nil
}

// openOrCreate opens a stack, or makes it, with the settings that flags give. When one of them is refused nothing is stored
// and no stack is made. Those of a stack that exists are stored by the update, once the program has accepted them and the engine holds the
// stack's lock. Without store they hold for this command alone.
func openOrCreate(ctx context.Context, name string, flags *settingsFlags, store bool, say io.Writer, abandon <-chan struct{},
) (*stack, error) {
	s, err := findStacks(say)
	if err != nil {
		return nil, err
	}
	// What is wrong is said before there is an engine, which may have to be built first.
	file, err := s.fileConfig(ctx, name)
	if err != nil {
		return nil, err
	}
	if !s.hasFile(name) || file.complete || len(file.secret) > 0 {
		if _, _, err := configure(name, flags, file.values, file.secret); err != nil {
			return nil, err
		}
	}
	if s, err = openWorkspace(ctx, say, abandon); err != nil {
		return nil, err
	}
	err = s.open(ctx, name)
	missing := errors.As(err, &errNoStack{})
	if missing {
		file, err := s.fileConfig(ctx, name)
		if err != nil {
			return nil, err
		}
		s.config, s.secret = file.values, file.secret
	} else if err != nil {
		return nil, err
	}
	before := s.config
	after, differs, err := configure(name, flags, before, s.secret)
	if err != nil {
		return nil, err
	}
	if !missing {
		err = s.stays(ctx, after)
	} else {
		err = s.ready(ctx, name, after)
	}
	if err == nil {
		err = needPlugins(ctx, s.made, preflight.Reach)
	}
	if err == nil && missing { // a stack that cannot be built is not to be left behind
		err = s.create(ctx, name, store)
	}
	if err != nil {
		return nil, err
	}
	s.config = after
	switch {
	case !differs || !store:
	case missing:
		return s, s.store(ctx, before, after)
	default:
		s.listener.Accepted = func() error { return s.store(ctx, before, after) }
	}
	return s, nil
}

// configure is what flags make of the configuration of a stack, and whether that differs; it is refused with all that is wrong.
func configure(name string, flags *settingsFlags, before map[string]string, secret []string) (after map[string]string, differs bool, err error) {
	after, differs, err = flags.change(before)
	if err = errors.Join(settings.RefuseSecrets(secret), err); err != nil {
		return nil, false, usage{fmt.Errorf("the settings of stack %s are refused, and nothing was changed:\n%w", name, err)}
	}
	return after, differs, nil
}

// create makes a stack that the backend does not know, to be kept or only for a moment.
func (s *stack) create(ctx context.Context, name string, keep bool) error {
	if !keep {
		text, err := os.ReadFile(s.file(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.before = &text
	}
	ws, err := s.workspace(ctx)
	if err != nil {
		return err
	}
	if err := s.forgetSalt(ctx, ws, name); err != nil {
		return err
	}
	s.Stack, err = auto.NewStack(ctx, name, ws)
	return plain(err)
}

// leave takes away a stack that was made only for a moment, such as for a preview, and puts the file of its settings back as it was.
func (s *stack) leave(ctx context.Context) error {
	if s.before == nil {
		return nil
	}
	// Whoever presses Ctrl-C wants it least of all. Its file is kept until it is restored: a removal that is killed must not lose it.
	if _, err := s.pulumi(context.WithoutCancel(ctx), "", "stack", "rm", "--yes", "--preserve-config"); err != nil {
		fmt.Fprintf(s.say, "error: the stack %s was made only to look, and cannot be removed: %v; `lab destroy --remove` does it\n", s.Name(), plain(err))
		return errShown
	}
	text := *s.before
	if s.before = nil; text == nil {
		if err := os.Remove(s.file(s.Name())); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(s.file(s.Name()), text, 0o644)
}

// ready looks whether a stack can be built of a configuration, where it is to be built, and by the engine that there is.
func (s *stack) ready(ctx context.Context, name string, config map[string]string) error {
	parsed, err := settings.Parse(config)
	if err != nil {
		return err // openOrCreate has parsed it
	}
	if _, err := engineVersion(ctx, s.engine.path); err != nil {
		return err
	}
	_, err = stacks.Ready(ctx, name, stacks.Wanted(parsed, s.fullName(name), s.project))
	return err
}

// settings are the stack's; refused ones are an error of the person's input.
func (s *stack) settings(name string) (settings.Settings, error) {
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return parsed, usage{fmt.Errorf("the settings of stack %s are refused:\n%w", name, err)}
	}
	return parsed.In(s.project), nil
}

// fullName is organization/project/stack.
func (s *stack) fullName(name string) string {
	return strings.Join([]string{s.backend.organization(s.project), settings.Project, name}, "/")
}

// dockerHost is the URL of the Docker engine that the stack's nodes are on, or are to be on; empty for the one that the environment names.
func (s *stack) dockerHost(d apitype.DeploymentV3) string {
	if at := placeOf(d); at.inDocker {
		return at.dockerHost
	}
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return "" // whoever needs them refuses them
	}
	return parsed.Lab.DockerHost
}

// stays objects to settings that would move a lab that is built, whoever has set them: what it leaves behind could not be taken away from
// there.
func (s *stack) stays(ctx context.Context, after map[string]string) error {
	will, err := settings.Parse(after)
	if err != nil {
		return err
	}
	_, deployment, err := s.exportState(ctx)
	if err != nil {
		return err
	}
	at := placeOf(deployment)
	moves := at.inDocker && (will.OnExisting() || will.Lab.DockerHost != at.dockerHost) || at.onExisting && !will.OnExisting()
	if !moves {
		return nil
	}
	return usage{fmt.Errorf("stack %s is built, and lab.dockerHost and lab.clusters say where; `lab destroy --stack %[1]s` takes it away from "+
		"there, and then it can be built elsewhere", s.Name())}
}

// file is the file of a stack's settings, which need not be there.
func (s *stack) file(name string) string { return filepath.Join(s.project, "Pulumi."+name+".yaml") }

// hasFile says whether there is a file of settings for the stack.
func (s *stack) hasFile(name string) bool {
	_, err := os.Stat(s.file(name))
	return err == nil
}

// fileConfig is what the file of a stack's settings says.
type fileConfig struct {
	values map[string]string
	// secret are the keys of values that only the engine can read.
	secret []string
	// complete says that this is the stack's whole configuration: secrets and environments take the engine, and a stack that the backend knows.
	complete bool
}

// fileConfig reads the file of a stack's settings, if there is one.
func (s *stack) fileConfig(ctx context.Context, name string) (fileConfig, error) {
	config := fileConfig{values: map[string]string{}}
	if !s.hasFile(name) {
		return config, nil
	}
	ws, err := s.workspace(ctx)
	if err != nil {
		return config, err
	}
	file, err := ws.StackSettings(ctx, name)
	if err != nil {
		return config, fmt.Errorf("read Pulumi.%s.yaml: %w", name, err)
	}
	for key, value := range file.Config {
		if value.Secure() {
			config.secret = append(config.secret, key.String())
		} else if config.values[key.String()], err = value.Value(nil); err != nil {
			return config, fmt.Errorf("read Pulumi.%s.yaml: %s: %w", name, key, err)
		}
	}
	config.complete = len(config.secret) == 0 && file.Environment == nil
	return config, nil
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
