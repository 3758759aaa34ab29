//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/testbed"
)

// useTestBed puts on PATH what the test bed made for the project and this machine lacks, as lab does for itself.
func useTestBed(ctx context.Context) error {
	record, err := testbed.Find(project)
	if record == nil || err != nil {
		return err
	}
	fetched := installedPlugins(ctx)
	_, err = record.Use(func(program string) bool {
		name, isPlugin := strings.CutPrefix(program, "pulumi-resource-")
		_, err := exec.LookPath(program)
		return err == nil || isPlugin && slices.Contains(fetched, name)
	}, nil) // lab refuses what is of another version
	return err
}

// lookForMissing names each thing that the suite needs and the machine lacks, and says what to do about it.
func lookForMissing(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var missing []string
	lacks := func(name, remedy string, err error) {
		missing = append(missing, fmt.Sprintf("%s: %s (%v)", name, remedy, err))
	}
	if err := pingDocker(ctx); err != nil {
		lacks("Docker engine", "start one, so that docker info succeeds", err)
	}
	for _, program := range []struct{ name, remedy string }{
		{"go", "install Go 1.26 or newer: https://go.dev/dl/"},
		{"docker", "install Docker's command line, which kind uses: https://docs.docker.com/get-docker/"},
		{"pulumi", "install it: https://www.pulumi.com/docs/install/; where that cannot be fetched, `make up` builds it"},
		{"pulumi-language-go", "it comes with pulumi, and lies beside it: https://www.pulumi.com/docs/install/; where that cannot be fetched, " +
			"`make up` makes one"},
	} {
		if _, err := exec.LookPath(program.name); err != nil {
			lacks(program.name, program.remedy, err)
		}
	}
	for _, plugin := range missingPlugins(ctx) {
		lacks("Pulumi plugin "+plugin, "run `pulumi install` in the project's directory; where it cannot be fetched, `make up` makes one",
			fmt.Errorf("neither installed nor pulumi-resource-%s on PATH", plugin))
	}
	if os.Getenv(labVariable) == "" {
		missing = append(missing, missingForBed(ctx)...)
	}
	return missing
}

// missingPlugins returns the names of the providers that pulumi would have to fetch.
func missingPlugins(ctx context.Context) []string {
	fetched := installedPlugins(ctx)
	var missing []string
	for _, name := range []string{"docker", "tls", "kubernetes"} {
		if _, err := exec.LookPath("pulumi-resource-" + name); err != nil && !slices.Contains(fetched, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// installedPlugins are the names of the providers that pulumi has fetched.
func installedPlugins(ctx context.Context) []string {
	var installed []struct{ Name, Kind string }
	if text, err := exec.CommandContext(ctx, "pulumi", "plugin", "ls", "--json").Output(); err == nil {
		_ = json.Unmarshal(text, &installed) // what it cannot say is not installed
	}
	var names []string
	for _, plugin := range installed {
		if plugin.Kind == "resource" {
			names = append(names, plugin.Name)
		}
	}
	return names
}

// missingForBed asks the test bed itself.
func missingForBed(ctx context.Context) []string {
	c := exec.CommandContext(ctx, "go", "run", "-C", "testbed", ".", "missing")
	c.Dir = project
	var stderr strings.Builder
	c.Stderr = &stderr
	text, err := c.Output()
	if err == nil {
		return nil
	}
	if len(text) == 0 {
		return []string{fmt.Sprintf("test bed: it does not run: %v: %s", err, strings.TrimSpace(stderr.String()))}
	}
	return strings.Split("test bed, "+strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\ntest bed, "), "\n")
}

// need skips a test on a machine that lacks something, or fails it where the suite is required. Nothing makes it pass.
func need(t testing.TB) {
	t.Helper()
	if len(missing) == 0 {
		return
	}
	because := "missing:\n" + strings.Join(missing, "\n")
	if os.Getenv(requiredVariable) == "required" {
		t.Fatal(because)
	}
	t.Skip(because)
}
