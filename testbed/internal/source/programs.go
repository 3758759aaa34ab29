// Package source makes files of what package registries offer: Go modules and Python packages.
package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"istio-lab/testbed/internal/artifact"
)

// Programs are statically linked Go programs of one module.
type Programs struct {
	// Title names them in the cache.
	Title string
	// Dir is the folder of the module whose go.mod pins their versions.
	Dir string
	// Packages are their import paths, or paths relative to Dir.
	Packages []string
	// Tags choose among the files of the packages.
	Tags []string
	// LDFlags are added to those that leave out symbols.
	LDFlags string
	// Sources are the files and folders of Dir that they are made from, if they are the module's own.
	Sources []string
	// Toolchain is the release of Go that compiles them, such as go1.19.13, if it is not this machine's.
	Toolchain string
	// Missing are files that are generated when the programs are released, and that their modules lack.
	Missing []MissingFile
}

// MissingFile is a file that a module lacks.
type MissingFile struct {
	// Module is the module's path, File the file's path in it.
	Module, File string
	Content      artifact.Source
}

// Name implements artifact.Artifact.
func (p Programs) Name() string { return "programs-" + p.Title }

// Group implements artifact.Grouped: what programs of one module have in common is compiled once.
func (p Programs) Group() string { return p.Dir }

// Key implements artifact.Artifact.
func (p Programs) Key() (string, error) {
	inputs := p.Sources
	if len(inputs) == 0 {
		inputs = []string{"go.mod", "go.sum"}
	}
	paths := make([]string, len(inputs))
	for i, input := range inputs {
		paths[i] = filepath.Join(p.Dir, input)
	}
	files, err := artifact.FilesKey(paths...)
	if err != nil {
		return "", err
	}
	parts := []string{"programs 2", cmp.Or(p.Toolchain, runtime.Version()), runtime.GOARCH, files, strings.Join(p.Packages, " "), p.LDFlags}
	parts = append(parts, p.Tags...)
	for _, missing := range p.Missing {
		content, err := missing.Content.Key()
		if err != nil {
			return "", err
		}
		parts = append(parts, missing.Module, missing.File, content)
	}
	return artifact.Key(parts...), nil
}

// Needs implements artifact.Composite.
func (p Programs) Needs() []artifact.Artifact {
	var sources []artifact.Source
	for _, missing := range p.Missing {
		sources = append(sources, missing.Content)
	}
	return artifact.Needs(sources...)
}

// Build implements artifact.Artifact: dir gets one file a program, named by the last element of its package.
func (p Programs) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	added, err := os.MkdirTemp("", "istio-lab-testbed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(added)
	flags, err := p.overlay(ctx, cache, added)
	if err != nil {
		return err
	}
	// A compiler may be silent for long, downloads may not: so they come first.
	list := p.command(ctx, "list", append(flags, "-deps")...)
	list.Stdout = io.Discard // of an error, what it says is to be seen
	if err := artifact.Fetch(list); err != nil {
		return err
	}
	return artifact.Run(p.command(ctx, "build",
		append(flags, "-ldflags", strings.TrimSpace("-s -w "+p.LDFlags), "-o", dir+"/")...))
}

// overlay writes the missing files into a folder, and returns the flags that have the compiler see them in their modules.
func (p Programs) overlay(ctx context.Context, cache *artifact.Cache, dir string) ([]string, error) {
	if len(p.Missing) == 0 {
		return nil, nil
	}
	replace := map[string]string{}
	for i, missing := range p.Missing {
		module, err := Module{p.Dir, missing.Module}.Download(ctx)
		if err != nil {
			return nil, err
		}
		content, _, err := missing.Content.Open(ctx, cache)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		err = writeFile(path, content, 0o644)
		content.Close()
		if err != nil {
			return nil, err
		}
		replace[filepath.Join(module, missing.File)] = path
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "overlay.json")
	return []string{"-overlay", path}, os.WriteFile(path, text, 0o644)
}

// command is one of Go's for the packages.
func (p Programs) command(ctx context.Context, verb string, flags ...string) *exec.Cmd {
	// With -trimpath, as the Makefile has it, what programs have in common with lab is not compiled once more.
	args := append([]string{verb, "-trimpath", "-tags", strings.Join(p.Tags, ",")}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, p.Packages...)...)
	cmd.Dir = p.Dir
	cmd.Env = p.environment()
	return cmd
}

// environment is that of the go command.
func (p Programs) environment() []string {
	// Without cgo a program runs in any image; and a workspace of the person must not change what is built.
	environment := append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS=linux")
	if p.Toolchain != "" {
		environment = append(environment, "GOTOOLCHAIN="+p.Toolchain)
	}
	if len(p.Missing) > 0 {
		// The index of a module's packages does not know of overlays.
		environment = append(environment, "GODEBUG=goindex=0")
	}
	return environment
}

// OneOf is one of several programs, in a folder of its own, which can be put on PATH without the others.
type OneOf struct {
	Programs Programs
	Program  string
}

// Name implements artifact.Artifact.
func (o OneOf) Name() string { return "program-" + o.Program }

// Key implements artifact.Artifact.
func (o OneOf) Key() (string, error) {
	all, err := o.Programs.Key()
	return artifact.Key("one program 1", all, o.Program), err
}

// Needs implements artifact.Composite.
func (o OneOf) Needs() []artifact.Artifact { return []artifact.Artifact{o.Programs} }

// Build implements artifact.Artifact: dir gets the program, without a copy of it.
func (o OneOf) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	all, err := cache.Get(ctx, o.Programs)
	if err != nil {
		return err
	}
	return os.Link(filepath.Join(all, o.Program), filepath.Join(dir, o.Program))
}
