package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
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

const (
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
	if err := b.forgetPath(); err != nil {
		return err
	}
	wanted, err := wantedPrograms(ctx)
	if err != nil {
		return err
	}
	found := look(ctx, wanted)
	if *withoutImages {
		found.images = part{name: found.images.name, there: "not needed"}
	}
	for name, program := range found.programs {
		if *ownPlugins && program.missing == nil {
			program.missing = errors.New("as wished")
			found.programs[name] = program
		}
	}
	for _, part := range found.all() {
		fmt.Fprintln(os.Stderr, part.way())
	}
	if err := b.bring(ctx, found, *consent); err != nil {
		return err
	}
	if err := b.prepare(ctx, wanted, found, !*withoutImages); err != nil {
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
		parts, err := b.cache().Missing(imageParts(recipe.Release)...)
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

// forgetPath takes the test bed's own folders from PATH, which a shell has of an earlier run. What is made now may be elsewhere.
func (b *bed) forgetPath() error {
	folders := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(folder string) bool {
		return strings.HasPrefix(folder, b.cacheDir+string(filepath.Separator))
	})
	return os.Setenv("PATH", strings.Join(folders, string(os.PathListSeparator)))
}

// prepare makes the programs and images that are missing, writes down where they are for lab, and puts the programs on PATH for all other
// commands.
func (b *bed) prepare(ctx context.Context, wanted map[string]wanted, found parts, withImages bool) error {
	own := map[string]artifact.Artifact{}
	for name, part := range found.programs {
		if part.missing != nil {
			own[name] = wanted[name].own
		}
	}
	needed := slices.Collect(maps.Values(own))
	if found.images.missing != nil {
		needed = append(needed, imageParts(recipe.Release)...)
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
	programs := map[string]program{}
	for name, artifact := range own {
		dir, err := cache.Path(artifact)
		if err != nil {
			return err
		}
		programs[name] = program{wanted[name].version, filepath.Join(dir, name)}
		if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
			return err
		}
	}
	if len(programs) > 0 {
		if err := os.Setenv(pluginVariable, "yes"); err != nil {
			return err
		}
	}
	if found.images.missing != nil {
		if _, err := b.offerImages(ctx, cache, recipe.Release); err != nil {
			return err
		}
	}
	return b.remember(func(r *record) {
		for name := range wanted {
			delete(r.Programs, name)
		}
		maps.Copy(r.Programs, programs)
		if withImages && found.images.missing == nil {
			r.forgetImages()
		}
	})
}
