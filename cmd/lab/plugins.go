package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"istio-lab/internal/testbed"
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

// overridesVariable names other places from which pulumi fetches plugins.
const overridesVariable = "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES"

// findPlugins says where pulumi finds the plugins, by their names, and which it does not find.
func findPlugins(ctx context.Context) (there map[string]string, missing []string) {
	there = map[string]string{}
	for _, plugin := range wantedPlugins() {
		path, err := pluginPath(ctx, plugin)
		if err != nil {
			missing = append(missing, plugin.Name)
			continue
		}
		there[plugin.Name] = path
	}
	return there, missing
}

// unfetched objects to plugins that are missing, if pulumi cannot fetch them.
func unfetched(ctx context.Context, missing []string, reach func(ctx context.Context, url string) error) error {
	if len(missing) == 0 {
		return nil
	}
	err := reach(ctx, "https://get.pulumi.com/")
	if err == nil {
		return nil
	}
	return fmt.Errorf("not on this host: the plugins %s; and get.pulumi.com does not answer (%w); see to the network or its proxy, set %s, or "+
		"have them made by `make up`", strings.Join(missing, ", "), err, overridesVariable)
}

// needPlugins objects if the engine would miss plugins, before it is asked to do anything.
func needPlugins(ctx context.Context, made testbed.Use, reach func(ctx context.Context, url string) error) error {
	_, missing := findPlugins(ctx)
	var problems []error
	for _, name := range missing {
		if made.Broken[pluginProgram+name] != nil {
			problems = append(problems, broken(pluginProgram+name, made))
		}
	}
	if len(problems) == 0 && os.Getenv(overridesVariable) == "" {
		problems = append(problems, unfetched(ctx, missing, reach))
	}
	return errors.Join(problems...)
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
