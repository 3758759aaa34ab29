package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/machine"
	"istio-lab/testbed/internal/recipe"
)

// The variables by which a command that run runs knows what the test bed made.
const (
	// fileVariable is the variable that lab reads the name of its settings file from.
	fileVariable = "ISTIO_LAB_FILE"
	// pluginVariable lets the test bed's plugins start.
	pluginVariable = "ISTIO_LAB_TESTBED_PLUGINS"
	// consentVariable is consent to the installation of packages, without a question.
	consentVariable = "ISTIO_LAB_INSTALL"
)

// run runs a command of the project, in its folder, after it has brought what the machine lacks for it and cannot fetch.
func run(ctx context.Context, b *bed, args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	consent := flags.Bool("yes", os.Getenv(consentVariable) == "yes", "install packages without asking")
	withoutImages := flags.Bool("without-images", false, "leave out the images, for a command that needs none")
	ownPlugins := flags.Bool("own-plugins", false, "take the test bed's own plugins, whatever else there is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("run what? As in: go run -C testbed . run bin/lab up")
	}
	found, err := look(ctx)
	if err != nil {
		return err
	}
	if *withoutImages {
		found.images = part{name: found.images.name, there: "not needed"}
	}
	for name, plugin := range found.plugins {
		if *ownPlugins && plugin.missing == nil {
			plugin.missing = errors.New("as wished")
			found.plugins[name] = plugin
		}
	}
	for _, part := range found.all() {
		fmt.Fprintln(os.Stderr, part.way())
	}
	if err := b.bring(ctx, found, *consent); err != nil {
		return err
	}
	if err := b.prepare(ctx, found); err != nil {
		return err
	}
	if err := os.Chdir(".."); err != nil {
		return err
	}
	program, err := exec.LookPath(flags.Arg(0))
	if err != nil {
		return err
	}
	return syscall.Exec(program, flags.Args(), os.Environ())
}

// bring installs and starts what is missing of the machine itself.
func (b *bed) bring(ctx context.Context, found parts, consent bool) error {
	if found.engine.never != nil {
		return found.engine.never
	}
	// Starting an engine and making file systems takes root; the images that are made already do not.
	asRoot := found.engine.missing != nil
	var needs []need
	if found.engine.missing != nil {
		needs = append(needs, forEngine...)
	}
	if found.images.missing != nil {
		needs = append(needs, forImages...)
		parts, err := b.cache().Missing(layers(recipe.All())...)
		if err != nil {
			return err
		}
		asRoot = asRoot || len(parts) > 0
	}
	lacking := unmet(ctx, needs...)
	if asRoot || len(lacking) > 0 {
		cannot := unmet(ctx, forAnything...)
		if len(lacking) > 0 && len(cannot) == 0 {
			// Of a new machine, apt does not even know what its archives offer.
			if err := machine.Update(ctx); err != nil {
				return err
			}
			lacking = unmet(ctx, needs...)
		}
		lacking = append(cannot, lacking...)
	}
	var packages []string
	var remedies []error
	for _, n := range lacking {
		if len(n.packages) == 0 {
			remedies = append(remedies, fmt.Errorf("%s: %s", n.name, n.remedy))
		}
		packages = append(packages, n.packages...)
	}
	if len(remedies) > 0 {
		return fmt.Errorf("what is missing cannot be made on this machine:\n%w", errors.Join(remedies...))
	}
	if len(packages) > 0 {
		if !consent && !ask(os.Stdin, os.Stderr, packages) {
			return fmt.Errorf("these packages are missing and were not installed: %s; "+
				"install them, or allow it: %s=yes", strings.Join(packages, " "), consentVariable)
		}
		b.say("installing %s", strings.Join(packages, " "))
		if err := machine.Install(ctx, packages...); err != nil {
			return err
		}
		// Newer releases of Debian have the command in a package of its own.
		if _, err := exec.LookPath("docker"); err != nil {
			if err := machine.Install(ctx, "docker-cli"); err != nil {
				return err
			}
		}
	}
	if found.engine.missing != nil {
		return b.startEngine(ctx)
	}
	return nil
}

// ask asks a person for consent. Nobody there is no.
func ask(in *os.File, out io.Writer, packages []string) bool {
	if !term.IsTerminal(int(in.Fd())) {
		return false
	}
	fmt.Fprintf(out, "install %s with apt-get? [y/N] ", strings.Join(packages, " "))
	answer, _ := bufio.NewReader(in).ReadString('\n')
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}

// startEngine starts the Docker engine, and gives the machine what the nodes in it need of the kernel.
func (b *bed) startEngine(ctx context.Context) error {
	withheld, err := machine.LacksSysResource()
	if err != nil {
		return err
	}
	runtime := ""
	if withheld {
		made, err := b.cache().Get(ctx, recipe.Runtime)
		if err != nil {
			return err
		}
		// The engine needs it for as long as a container lives, so apart from the cache.
		runtime = "/usr/local/sbin/runc-without-sys-resource"
		program, err := os.ReadFile(filepath.Join(made, filepath.Base(runtime)))
		if err != nil {
			return err
		}
		if err := os.WriteFile(runtime, program, 0o755); err != nil {
			return err
		}
	}
	if err := machine.RaiseInotify(); err != nil {
		return err
	}
	if err := engine.Start(ctx, runtime); err != nil {
		return err
	}
	b.say("the Docker engine answers")
	return nil
}

// prepare makes the plugins and images that are missing, and sets the environment variables by which they are used.
func (b *bed) prepare(ctx context.Context, found parts) error {
	var plugins []artifact.Artifact
	for name, plugin := range recipe.Plugins() {
		if found.plugins[name].missing != nil {
			plugins = append(plugins, plugin)
		}
	}
	needed := plugins
	if found.images.missing != nil {
		needed = append(slices.Clone(plugins), layers(recipe.All())...)
	}
	cache := b.cache()
	unlock, err := cache.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.makeMissing(ctx, cache, needed...); err != nil {
		return err
	}
	if len(plugins) > 0 {
		search := os.Getenv("PATH")
		for _, plugin := range plugins {
			dir, err := cache.Path(plugin)
			if err != nil {
				return err
			}
			search = dir + string(os.PathListSeparator) + search
		}
		os.Setenv("PATH", search)
		os.Setenv(pluginVariable, "yes")
	}
	if found.images.missing != nil {
		settings, err := b.offerImages(ctx, cache)
		if err != nil {
			return err
		}
		file := filepath.Join(b.cacheDir, "settings.json")
		if err := os.WriteFile(file, settings, 0o644); err != nil {
			return err
		}
		os.Setenv(fileVariable, file)
	}
	return nil
}
