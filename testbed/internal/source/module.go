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
