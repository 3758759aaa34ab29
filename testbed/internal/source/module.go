package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"istio-lab/testbed/internal/artifact"
)

// Module is a Go module at the version that the go.mod in a folder pins.
type Module struct {
	// Dir is the folder of the go.mod.
	Dir string
	// Path is the module's path.
	Path string
}

// Key changes with the version.
func (m Module) Key() (string, error) {
	pins, err := artifact.FilesKey(filepath.Join(m.Dir, "go.mod"), filepath.Join(m.Dir, "go.sum"))
	return artifact.Key("module 1", pins, m.Path), err
}

// Download returns the folder with the module's files, which are read-only.
func (m Module) Download(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.Path)
	cmd.Dir = m.Dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var output bytes.Buffer
	cmd.Stdout = &output
	if err := artifact.Fetch(cmd); err != nil {
		return "", err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(output.Bytes(), &module); err != nil {
		return "", fmt.Errorf("reading the answer of go mod download %s: %w", m.Path, err)
	}
	return module.Dir, nil
}

// ModuleFile is a file of a Go module that is not a program.
type ModuleFile struct {
	// Dir is the folder of the module whose go.mod pins the version.
	Dir string
	// Module and Path name the file.
	Module, Path string
}

// Name implements artifact.Artifact.
func (f ModuleFile) Name() string {
	return "file-" + filepath.Base(f.Dir) + "-" + filepath.Base(f.Path)
}

// Key implements artifact.Artifact.
func (f ModuleFile) Key() (string, error) {
	module, err := Module{f.Dir, f.Module}.Key()
	return artifact.Key("module file 2", module, f.Path), err
}

// Build implements artifact.Artifact: dir gets the file, under the last element of its path.
func (f ModuleFile) Build(ctx context.Context, _ *artifact.Cache, dir string) error {
	module, err := Module{f.Dir, f.Module}.Download(ctx)
	if err != nil {
		return err
	}
	return copyFile(filepath.Join(dir, filepath.Base(f.Path)), filepath.Join(module, f.Path), 0o644)
}

// EditedFile is a file of a Go module with pieces of its text replaced, such as a call that a newer library takes otherwise.
type EditedFile struct {
	ModuleFile
	Edits []Edit
}

// Edit replaces a piece of a text.
type Edit struct {
	// Old matches the text once. New takes the place of what it matches.
	Old *regexp.Regexp
	New string
}

// Name implements artifact.Artifact.
func (f EditedFile) Name() string { return "edited-" + f.ModuleFile.Name() }

// Key implements artifact.Artifact.
func (f EditedFile) Key() (string, error) {
	file, err := f.ModuleFile.Key()
	parts := []string{"edited file 1", file}
	for _, edit := range f.Edits {
		parts = append(parts, edit.Old.String(), edit.New)
	}
	return artifact.Key(parts...), err
}

// Build implements artifact.Artifact: dir gets the file, under the last element of its path.
func (f EditedFile) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	if err := f.ModuleFile.Build(ctx, cache, dir); err != nil {
		return err
	}
	path := filepath.Join(dir, filepath.Base(f.Path))
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, edit := range f.Edits {
		if n := len(edit.Old.FindAllIndex(text, -1)); n != 1 {
			return fmt.Errorf("%s of the module %s must match %q once, and does %d times", f.Path, f.Module, edit.Old, n)
		}
		text = edit.Old.ReplaceAllLiteral(text, []byte(edit.New))
	}
	return os.WriteFile(path, text, 0o644)
}

// Overlay has the compiler see the file as it is edited.
func (f EditedFile) Overlay() OverlayFile {
	return OverlayFile{Module: f.Module, File: f.Path, Content: artifact.Of(f, filepath.Base(f.Path))}
}

func copyFile(to, from string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return writeFile(to, in, mode)
}

func writeFile(to string, content io.Reader, mode os.FileMode) error {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, content); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
