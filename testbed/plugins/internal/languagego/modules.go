package languagego

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages implements pulumirpc.LanguageRuntimeServer: the plugins are those of the modules that the program is built of.
func (h *host) GetRequiredPackages(ctx context.Context, r *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, cancel := h.either(ctx)
	defer cancel()
	// A program that does not compile has modules as well; Run says what is wrong with it.
	list, err := goCommand(ctx, r.Info.GetProgramDirectory(),
		"list", "-e", "-deps", "-f", "{{with .Module}}{{if and .Dir (not .Main)}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
	if err != nil {
		return nil, fmt.Errorf("list the program's modules: %w", err)
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	seen := map[string]bool{}
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimSpace(line), "\t") // empty of a package of the standard library
		if len(fields) != 3 || seen[fields[0]] {
			continue
		}
		seen[fields[0]] = true
		plugin, err := readPlugin(fields[2])
		if err != nil {
			return nil, fmt.Errorf("the module %s: %w", fields[0], err)
		}
		if !plugin.Resource {
			continue
		}
		version := plugin.Version
		if version == "" {
			version = fields[1]
		}
		response.Packages = append(response.Packages, &pulumirpc.PackageDependency{
			Name: plugin.Name, Kind: "resource", Version: version, Server: plugin.Server,
		})
	}
	return response, nil
}

// pluginFile is what a module of a Pulumi SDK says of its plugin.
type pluginFile struct {
	Resource              bool
	Name, Version, Server string
	Parameterization      json.RawMessage
}

// readPlugin reads what the module in a folder says of its plugin, if it has one.
func readPlugin(module string) (pluginFile, error) {
	var plugin pluginFile
	for _, place := range []string{"", "go", "go/*", "*"} { // where Pulumi's own host looks
		files, err := filepath.Glob(filepath.Join(module, place, "pulumi-plugin.json"))
		if err != nil || len(files) == 0 {
			continue
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			return plugin, err
		}
		if err := json.Unmarshal(text, &plugin); err != nil {
			return plugin, fmt.Errorf("%s: %w", files[0], err)
		}
		if plugin.Resource && (plugin.Name == "" || plugin.Parameterization != nil) {
			return plugin, fmt.Errorf("%s has no name or has parameters, which the test bed's pulumi-language-go does not know", files[0])
		}
		return plugin, nil
	}
	return plugin, nil
}

// GetProgramDependencies implements pulumirpc.LanguageRuntimeServer, for pulumi about.
func (h *host) GetProgramDependencies(ctx context.Context, r *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	text, err := goCommand(ctx, r.Info.GetProgramDirectory(), "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	var file struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, module := range file.Require {
		if !module.Indirect || r.TransitiveDependencies {
			response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{Name: module.Path, Version: module.Version})
		}
	}
	return response, nil
}

// InstallDependencies implements pulumirpc.LanguageRuntimeServer, for pulumi install.
func (h *host) InstallDependencies(r *pulumirpc.InstallDependenciesRequest, to pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	ctx, cancel := h.either(to.Context())
	defer cancel()
	if _, err := goCommand(ctx, r.Info.GetProgramDirectory(), "mod", "download"); err != nil {
		return err
	}
	return to.Send(&pulumirpc.InstallDependenciesResponse{Stdout: []byte("the program's modules are downloaded\n")})
}

// About implements pulumirpc.LanguageRuntimeServer.
func (h *host) About(ctx context.Context, r *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errNoGo
	}
	version, err := goCommand(ctx, r.Info.GetProgramDirectory(), "version")
	return &pulumirpc.AboutResponse{Executable: path, Version: strings.TrimSpace(version)}, err
}

// goCommand runs a command of Go's in a folder, and returns what it prints.
func goCommand(ctx context.Context, directory string, args ...string) (string, error) {
	command := interruptible(ctx, "go", args...)
	command.Dir = directory
	var complaints bytes.Buffer
	command.Stderr = &complaints
	text, err := command.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		err = errNoGo
	case err != nil:
		err = fmt.Errorf("go %s in %s: %w\n%s", args[0], directory, err, bytes.TrimSpace(complaints.Bytes()))
	}
	return string(text), err
}
