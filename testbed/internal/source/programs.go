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
	// Overlay are files that the compiler sees otherwise than their modules have them.
	Overlay []OverlayFile
}

// OverlayFile is a file that the compiler sees in a module instead of the module's own, if it has one.
type OverlayFile struct {
	// Module is the module's path, File the file's path in it.
	Module, File string
	// Content is what the file holds. With nil, the compiler does not see the file.
	Content artifact.Source
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
	for _, file := range p.Overlay {
		content := "none"
		if file.Content != nil {
			if content, err = file.Content.Key(); err != nil {
				return "", err
			}
		}
		parts = append(parts, file.Module, file.File, content)
	}
	return artifact.Key(parts...), nil
}

// Needs implements artifact.Composite.
func (p Programs) Needs() []artifact.Artifact {
	var sources []artifact.Source
	for _, file := range p.Overlay {
		sources = append(sources, file.Content)
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

// overlay writes the files of the overlay into a folder, and returns the flags that have the compiler see them in their modules. The go
// command refuses that for modules in its cache, so it is given links to them, as replacements.
func (p Programs) overlay(ctx context.Context, cache *artifact.Cache, dir string) ([]string, error) {
	if len(p.Overlay) == 0 {
		return nil, nil
	}
	modules := filepath.Join(dir, "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := copyFile(filepath.Join(dir, name), filepath.Join(p.Dir, name), 0o644); err != nil {
			return nil, err
		}
	}
	links := map[string]string{}
	replace := map[string]string{}
	for i, file := range p.Overlay {
		link, linked := links[file.Module]
		if !linked {
			link = filepath.Join(dir, fmt.Sprint("module", i))
			if err := p.link(ctx, file.Module, link, modules); err != nil {
				return nil, err
			}
			links[file.Module] = link
		}
		path := ""
		if file.Content != nil {
			content, _, err := file.Content.Open(ctx, cache)
			if err != nil {
				return nil, err
			}
			path = filepath.Join(dir, fmt.Sprintf("%d.go", i))
			err = writeFile(path, content, 0o644)
			content.Close()
			if err != nil {
				return nil, err
			}
		}
		replace[filepath.Join(link, file.File)] = path
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "overlay.json")
	return []string{"-modfile", modules, "-overlay", path}, os.WriteFile(path, text, 0o644)
}

// link makes a link to the module's folder in Go's cache, and has the go.mod file modules name it as the module's replacement.
func (p Programs) link(ctx context.Context, module, link, modules string) error {
	dir, err := Module{p.Dir, module}.Download(ctx)
	if err != nil {
		return err
	}
	if err := os.Symlink(dir, link); err != nil {
		return err
	}
	edit := exec.CommandContext(ctx, "go", "mod", "edit", "-replace", module+"="+link, modules)
	edit.Env = p.environment()
	return artifact.Run(edit)
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
