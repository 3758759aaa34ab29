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

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/machine"
	"istio-lab/testbed/internal/recipe"
	"istio-lab/testbed/internal/source"
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
	engine   part
	programs map[string]part // by program
	images   part
}

// all are the parts in the order in which they are told.
func (p parts) all() []part {
	list := []part{p.engine}
	for _, name := range slices.Sorted(maps.Keys(p.programs)) {
		list = append(list, p.programs[name])
	}
	return append(list, p.images)
}

// look finds out what the machine has, and what it can reach of the rest.
func look(ctx context.Context, wanted map[string]wanted) parts {
	found := parts{programs: map[string]part{}}
	var looking sync.WaitGroup
	looking.Go(func() { found.engine = lookForEngine(ctx) })
	looking.Go(func() { found.images = lookForImages(ctx) })
	var writing sync.Mutex
	for name, program := range wanted {
		looking.Go(func() {
			p := program.look(ctx, name)
			writing.Lock()
			defer writing.Unlock()
			found.programs[name] = p
		})
	}
	looking.Wait()
	return found
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
	"https://raw.githubusercontent.com/metallb/metallb/v0.16.1/config/manifests/metallb-native.yaml",
}

func lookForImages(ctx context.Context) part {
	p := part{
		name: "images, manifests", there: "their registries answer",
		instead: "made by the test bed, of release " + recipe.Release + " and without Grafana, Kiali, Jaeger and kube-ops-view",
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

// wanted is a program of Pulumi's that a run takes, in the version that the project pins.
type wanted struct {
	version string
	// own is what the test bed makes where the program is not there.
	own source.Programs
	// title is what a person calls it, instead what the test bed's own is.
	title, instead string
	// beside are the folders in which it may be, besides those of PATH.
	beside []string
	// release is where Pulumi offers it, and fetched who fetches it from there.
	release, fetched string
}

// look looks for the program.
func (w wanted) look(ctx context.Context, name string) part {
	p := part{name: w.title, instead: w.instead, there: w.fetched}
	if path, err := exec.LookPath(name); err == nil {
		p.there = path
		return p
	}
	for _, folder := range w.beside {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			p.there = path
			return p
		}
	}
	p.missing = machine.Reach(ctx, w.release)
	return p
}

// pulumiHome is where Pulumi keeps what it has fetched and installed.
func pulumiHome() string {
	home := os.Getenv("PULUMI_HOME")
	if user, err := os.UserHomeDir(); home == "" && err == nil {
		home = filepath.Join(user, ".pulumi")
	}
	return home
}

// wantedPrograms are the programs of Pulumi's that a run takes, by their names: the plugins of the SDKs that the program is built with, the
// pulumi command of the tools, and the language host that comes with it.
func wantedPrograms(ctx context.Context) (map[string]wanted, error) {
	all := map[string]wanted{}
	plugins, err := moduleVersions(ctx, "..", "github.com/pulumi/pulumi-docker/sdk/v4", "github.com/pulumi/pulumi-kubernetes/sdk/v4",
		"github.com/pulumi/pulumi-tls/sdk/v5")
	if err != nil {
		return nil, err
	}
	for path, version := range plugins {
		name, _, _ := strings.Cut(strings.TrimPrefix(path, "github.com/pulumi/pulumi-"), "/")
		own, known := recipe.Plugins()[name]
		if !known {
			return nil, fmt.Errorf("the program needs the plugin %s, which the test bed does not make", name)
		}
		program := "pulumi-resource-" + name
		all[program] = wanted{
			version: version, own: own, title: "plugin " + name, instead: "the test bed's own, which knows only what this lab uses",
			beside:  []string{filepath.Join(pulumiHome(), "plugins", "resource-"+name+"-"+version)},
			release: fmt.Sprintf("https://get.pulumi.com/releases/plugins/%s-%s-%s-%s.tar.gz", program, version, runtime.GOOS, runtime.GOARCH),
			fetched: "pulumi will fetch its version " + version,
		}
	}
	const engine = "github.com/pulumi/pulumi/pkg/v3"
	engines, err := moduleVersions(ctx, "../tools", engine)
	if err != nil {
		return nil, err
	}
	version := engines[engine]
	release := fmt.Sprintf("https://get.pulumi.com/releases/sdk/pulumi-%s-%s-%s.tar.gz", version, runtime.GOOS,
		strings.Replace(runtime.GOARCH, "amd64", "x64", 1))
	all["pulumi"] = wanted{
		version: version, own: recipe.Pulumi(version), title: "pulumi", instead: "built from its module",
		release: release, fetched: "lab builds it from its module",
	}
	host := wanted{
		version: version, own: recipe.LanguageHost, title: "language host", instead: "the test bed's own, for plain pulumi",
		release: release, fetched: "comes with Pulumi (https://www.pulumi.com/docs/install/), and only plain pulumi needs it",
		beside: []string{filepath.Join(pulumiHome(), "bin")},
	}
	if path, err := exec.LookPath("pulumi"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			host.beside = append(host.beside, filepath.Dir(path))
		}
	}
	all["pulumi-language-go"] = host
	return all, nil
}

// moduleVersions are the versions of modules in the build list of the module in a folder.
func moduleVersions(ctx context.Context, folder string, paths ...string) (map[string]string, error) {
	list := exec.CommandContext(ctx, "go", append([]string{"list", "-m", "-json"}, paths...)...)
	list.Dir = folder
	text, err := artifact.Output(list)
	if err != nil {
		return nil, fmt.Errorf("the versions of Pulumi's modules: %w", err)
	}
	versions := map[string]string{}
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var module struct{ Path, Version string }
		if err := decoder.Decode(&module); err != nil {
			return nil, err
		}
		versions[module.Path] = module.Version
	}
	return versions, nil
}
