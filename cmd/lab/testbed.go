package main

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"istio-lab/internal/preflight"
	"istio-lab/internal/testbed"
)

// pluginProgram begins the names of the programs that are plugins.
const pluginProgram = "pulumi-resource-"

// useTestBed makes this process use what the test bed made for the project and this host lacks.
func useTestBed(project string) (testbed.Use, error) {
	record, err := testbed.Find(project)
	if record == nil || err != nil {
		return testbed.Use{}, err
	}
	wanted, plugins := map[string]string{}, map[string]workspace.PluginDescriptor{}
	for _, plugin := range wantedPlugins() {
		plugins[pluginProgram+plugin.Name] = plugin
		if plugin.Version != nil {
			wanted[pluginProgram+plugin.Name] = "v" + plugin.Version.String()
		}
	}
	return record.Use(func(program string) bool {
		var err error
		if plugin, isPlugin := plugins[program]; isPlugin {
			_, err = pluginPath(context.Background(), plugin)
		} else if program == "pulumi-language-go" {
			_, err = languageHost()
		} else {
			_, err = exec.LookPath(program)
		}
		return err == nil
	}, wanted)
}

// broken says what is wrong with something that the test bed made, and what to do about it.
func broken(name string, made testbed.Use) error {
	return fmt.Errorf("the test bed's %s: %w; `make up` makes it again", name, made.Broken[name])
}

// lookForTestBed says what is used of the test bed, where there is one.
func lookForTestBed(made testbed.Use) []preflight.Finding {
	f := preflight.Finding{Topic: "test bed", Why: "it stands in for what this host lacks and cannot fetch", Advice: true}
	used := slices.Clone(made.Programs)
	if made.LabFile != "" {
		used = append(used, "the images, by the settings in "+made.LabFile)
	}
	if f.Found = "used for " + strings.Join(used, ", "); len(used) == 0 {
		f.Found = "nothing of it is used"
	}
	for _, name := range slices.Sorted(maps.Keys(made.Broken)) {
		f.Problems = append(f.Problems, broken(name, made))
	}
	if len(used) == 0 && len(f.Problems) == 0 {
		return nil
	}
	return []preflight.Finding{f}
}
