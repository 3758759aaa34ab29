// Package source makes files of what package registries offer: Go modules and Python packages.
package source

import (
	"context"
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
}

// Name implements artifact.Artifact.
func (p Programs) Name() string { return "programs-" + p.Title }

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
	parts := []string{"programs 1", runtime.Version(), runtime.GOARCH, files, strings.Join(p.Packages, " "), p.LDFlags}
	return artifact.Key(append(parts, p.Tags...)...), err
}

// Build implements artifact.Artifact: dir gets one file a program, named by the last element of its package.
func (p Programs) Build(ctx context.Context, _ *artifact.Cache, dir string) error {
	// A compiler may be silent for long, downloads may not: so they come first.
	if err := artifact.Fetch(p.command(ctx, "list", "-deps", "-f", "")); err != nil {
		return err
	}
	return artifact.Run(p.command(ctx, "build", "-ldflags", strings.TrimSpace("-s -w "+p.LDFlags), "-o", dir+"/"))
}

// command is one of Go's for the packages.
func (p Programs) command(ctx context.Context, verb string, flags ...string) *exec.Cmd {
	args := append([]string{verb, "-tags", strings.Join(p.Tags, ",")}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, p.Packages...)...)
	cmd.Dir = p.Dir
	// Without cgo a program runs in any image; and a workspace of the person must not change what is built.
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS=linux")
	return cmd
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
