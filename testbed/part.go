package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/machine"
	"istio-lab/testbed/internal/recipe"
)

// part is one of the things that a run of the lab takes.
type part struct {
	name string
	// there says where this machine has it. Otherwise missing says why not, and that it cannot be had by release either.
	there   string
	missing error
	// instead is what the test bed does about a part that is missing; never says why it must not.
	instead string
	never   error
}

// way is the line that tells a person which way is taken for the part, and why.
func (p part) way() string {
	switch {
	case p.missing == nil:
		return fmt.Sprintf("%-18s %s", p.name, p.there)
	case p.never != nil:
		return fmt.Sprintf("%-18s cannot be used: %v", p.name, p.missing)
	}
	return fmt.Sprintf("%-18s %s: %v", p.name, p.instead, p.missing)
}

// parts is what a run takes, as this machine has it.
type parts struct {
	engine  part
	plugins map[string]part // by plugin
	images  part
}

// all are the parts in the order in which they are told.
func (p parts) all() []part {
	list := []part{p.engine}
	for _, name := range slices.Sorted(maps.Keys(p.plugins)) {
		list = append(list, p.plugins[name])
	}
	return append(list, p.images)
}

// look finds out what the machine has, and what it can reach of the rest.
func look(ctx context.Context) (parts, error) {
	found := parts{plugins: map[string]part{}}
	var looking sync.WaitGroup
	looking.Go(func() { found.engine = lookForEngine(ctx) })
	looking.Go(func() { found.images = lookForImages(ctx) })
	versions, err := pluginVersions(ctx)
	var writing sync.Mutex
	for name, version := range versions {
		looking.Go(func() {
			p := lookForPlugin(ctx, name, version)
			writing.Lock()
			defer writing.Unlock()
			found.plugins[name] = p
		})
	}
	looking.Wait()
	return found, err
}

func lookForEngine(ctx context.Context) part {
	p := part{name: "Docker engine", instead: "installed from the distribution's packages, and started"}
	// Of an engine that may not be used, `docker info` of version 20.10 does not say so.
	version, err := engine.Run(ctx, "version", "--format", "{{.Server.Version}}")
	if err == nil {
		p.there = "answers, version " + version
		return p
	}
	p.missing = errors.New("the engine does not answer")
	switch _, daemon := exec.LookPath("dockerd"); {
	case errors.Is(err, exec.ErrNotFound):
		p.missing = errors.New("there is no docker command")
	case strings.Contains(err.Error(), "permission denied"):
		p.never = errors.New("the Docker engine lets only root and the group docker use it: join that group " +
			"(sudo usermod --append --groups docker $USER, and log in again), or be root")
	case os.Getenv("DOCKER_HOST") != "":
		p.never = fmt.Errorf("the Docker engine of DOCKER_HOST=%s does not answer: start it, or unset the variable (%w)",
			os.Getenv("DOCKER_HOST"), err)
	case daemon == nil:
		p.instead = "started"
	}
	return p
}

// released are places that a run with released images needs to reach: the registries, and where manifests are read from.
var released = []string{
	"https://registry-1.docker.io/v2/", "https://quay.io/v2/", "https://registry.k8s.io/v2/",
	"https://raw.githubusercontent.com/metallb/metallb/v0.14.9/config/manifests/metallb-native.yaml",
}

func lookForImages(ctx context.Context) part {
	p := part{
		name: "images, manifests", there: "their registries answer",
		instead: "made by the test bed, of newer versions and without Grafana, Kiali, Jaeger and kube-ops-view",
	}
	errs := make([]error, len(released))
	var asking sync.WaitGroup
	for i, location := range released {
		asking.Go(func() { errs[i] = machine.Reach(ctx, location) })
	}
	asking.Wait()
	p.missing = cmp.Or(errs...) // one reason will do
	return p
}

func lookForPlugin(ctx context.Context, name, version string) part {
	p := part{name: "plugin " + name, instead: "the test bed's own, which knows only what this lab uses"}
	program := "pulumi-resource-" + name
	if path, err := exec.LookPath(program); err == nil {
		p.there = path
		return p
	}
	home := os.Getenv("PULUMI_HOME")
	if user, err := os.UserHomeDir(); home == "" && err == nil {
		home = filepath.Join(user, ".pulumi")
	}
	installed := filepath.Join(home, "plugins", "resource-"+name+"-"+version)
	if _, err := os.Stat(filepath.Join(installed, program)); err == nil {
		p.there = installed
		return p
	}
	p.missing = machine.Reach(ctx, fmt.Sprintf("https://get.pulumi.com/releases/plugins/%s-%s-%s-%s.tar.gz",
		program, version, runtime.GOOS, runtime.GOARCH))
	p.there = "pulumi will fetch its version " + version
	return p
}

// pluginVersions are the versions of the plugins that the program wants, by their names: those of the SDKs that it is built with.
func pluginVersions(ctx context.Context) (map[string]string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-json", "github.com/pulumi/pulumi-docker/sdk/v4",
		"github.com/pulumi/pulumi-kubernetes/sdk/v4", "github.com/pulumi/pulumi-tls/sdk/v5")
	list.Dir = ".."
	text, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("the versions of Pulumi's SDKs: %w", err)
	}
	versions := map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(text))); decoder.More(); {
		var module struct{ Path, Version string }
		if err := decoder.Decode(&module); err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(module.Path, "github.com/pulumi/pulumi-"), "/")
		versions[name] = module.Version
	}
	if len(versions) != len(recipe.Plugins()) {
		return nil, fmt.Errorf("the program's plugins are %v, but the test bed knows %d", versions, len(recipe.Plugins()))
	}
	return versions, nil
}
