package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"istio-lab/testbed/internal/artifact"
)

// OpenAPI is the Go file with the definitions of an API server's types, which Kubernetes' own build generates.
type OpenAPI struct {
	// Programs are those whose types it describes; one of them imports it.
	Programs Programs
	// Package is the package that it is part of.
	Package string
}

// OpenAPIFile is the name of the file.
const OpenAPIFile = "zz_generated.openapi.go"

// Name implements artifact.Artifact.
func (o OpenAPI) Name() string { return "openapi-" + o.Programs.Title }

// Key implements artifact.Artifact.
func (o OpenAPI) Key() (string, error) {
	programs, err := o.Programs.Key()
	return artifact.Key("openapi 1", programs, o.Package), err
}

// Build implements artifact.Artifact.
func (o OpenAPI) Build(ctx context.Context, _ *artifact.Cache, dir string) error {
	packages, err := o.described(ctx)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "istio-lab-testbed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	// The generator is of the version that the programs' own go.mod pins.
	generator := o.Programs
	generator.Packages = []string{"k8s.io/kube-openapi/cmd/openapi-gen"}
	if err := generator.Build(ctx, nil, work); err != nil {
		return err
	}
	generate := exec.CommandContext(ctx, filepath.Join(work, "openapi-gen"), "--logtostderr",
		"--input-dirs", strings.Join(packages, ","), "--output-package", o.Package, "--output-base", work,
		"--output-file-base", strings.TrimSuffix(OpenAPIFile, ".go"), "--go-header-file", os.DevNull,
		"--report-filename", filepath.Join(work, "violations"))
	// It looks for packages as the compiler does.
	generate.Dir, generate.Env = o.Programs.Dir, o.Programs.environment()
	if err := artifact.Run(generate); err != nil {
		return err
	}
	return copyFile(filepath.Join(dir, OpenAPIFile), filepath.Join(work, o.Package, OpenAPIFile), 0o644)
}

// described are the packages among those of the programs that ask for definitions of their types.
func (o OpenAPI) described(ctx context.Context) ([]string, error) {
	list := o.Programs.command(ctx, "list", "-deps", "-f", "{{if .Module}}{{.ImportPath}} {{.Dir}}{{end}}")
	var output bytes.Buffer
	list.Stdout = &output
	if err := artifact.Fetch(list); err != nil {
		return nil, err
	}
	var packages []string
	for line := range strings.Lines(output.String()) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(name, "k8s.io/") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		asks := slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && bytes.Contains(text, []byte("+k8s:openapi-gen="))
		})
		if asks {
			packages = append(packages, name)
		}
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no package of %s asks for OpenAPI definitions", strings.Join(o.Programs.Packages, " "))
	}
	return packages, nil
}
