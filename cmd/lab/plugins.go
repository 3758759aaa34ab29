package main

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// pluginModules are the modules whose versions are those of the plugins.
var pluginModules = []string{"docker/sdk/v4", "kubernetes/sdk/v4", "tls/sdk/v5"}

// wantedPlugins are the plugins of the SDKs that lab was built with.
func wantedPlugins() []workspace.PluginDescriptor {
	build, _ := debug.ReadBuildInfo()
	var all []workspace.PluginDescriptor
	for _, suffix := range pluginModules {
		name, _, _ := strings.Cut(suffix, "/")
		version := moduleVersion(build, "github.com/pulumi/pulumi-"+suffix)
		all = append(all, workspace.PluginDescriptor{Name: name, Kind: apitype.ResourcePlugin, Version: version})
	}
	return all
}

// pluginPath is where pulumi finds a plugin: on PATH, or among those that it has fetched.
func pluginPath(ctx context.Context, plugin workspace.PluginDescriptor) (string, error) {
	quiet := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	return workspace.GetPluginPath(ctx, quiet, plugin, nil)
}

// languageHost is where plain pulumi finds what runs Go programs: on PATH, or beside itself.
func languageHost() (string, error) {
	const name = "pulumi-language-go"
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	pulumi, err := exec.LookPath("pulumi")
	if err != nil {
		return "", err
	}
	if pulumi, err = filepath.EvalSymlinks(pulumi); err != nil {
		return "", err
	}
	return exec.LookPath(filepath.Join(filepath.Dir(pulumi), name))
}

// moduleVersion is the version of a module that lab was built with.
func moduleVersion(build *debug.BuildInfo, path string) *semver.Version {
	for _, module := range build.Deps {
		if module.Path == path {
			if version, err := semver.ParseTolerant(module.Version); err == nil {
				return &version
			}
		}
	}
	return nil
}
