// Command testbed makes every image of a real run from package registries alone, and offers them to the
// Docker engine and to kind nodes. Its folder is the working directory: go run -C testbed . <verb>
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/recipe"
)

const usage = `usage: testbed <verb>

  build [-only name,name]  make the images that are missing or outdated
  up                       build, load the engine's images, serve the others, and print the lab settings to use them
  down                     stop serving
  status                   say which images are made, and where they are
                           (build, up and status take -release book for the images of that release)
  run <command>            bring what this machine lacks for a command of the project and cannot fetch, and run it
  missing                  name each thing that this machine lacks for a test bed, and what to do about it
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := dispatch(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	verbs := map[string]func(context.Context, *bed, []string) error{
		"build": build, "up": up, "down": down, "status": status, "missing": missing, "run": run,
	}
	if len(args) == 0 || verbs[args[0]] == nil {
		return errors.New(usage)
	}
	if _, err := os.Stat("programs/kubernetes/go.mod"); err != nil {
		return fmt.Errorf("run it from its own folder, as in: go run -C testbed . %s", args[0])
	}
	dir, err := cacheDir()
	if err != nil {
		return err
	}
	return verbs[args[0]](ctx, &bed{cacheDir: dir, started: time.Now()}, args[1:])
}

// bed is what the verbs share.
type bed struct {
	cacheDir string
	started  time.Time
}

// say tells progress: one line a step, with the time since the start.
func (b *bed) say(format string, args ...any) {
	elapsed := time.Since(b.started).Round(time.Second)
	fmt.Fprintf(os.Stderr, "%6s  %s\n", elapsed, fmt.Sprintf(format, args...))
}

// cache is the cache in its folder.
func (b *bed) cache() *artifact.Cache { return artifact.Open(b.cacheDir, recipe.Costs, b.say) }

// cacheDir is where everything that is made is kept.
func cacheDir() (string, error) {
	if dir := os.Getenv("ISTIO_LAB_TESTBED"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the cache, set ISTIO_LAB_TESTBED: %w", err)
	}
	return filepath.Join(dir, "istio-lab", "testbed"), nil
}

// noArguments refuses arguments of a verb that takes none.
func noArguments(verb string, args []string) error {
	flags := flag.NewFlagSet(verb, flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s takes no arguments, got %q", verb, flags.Args())
	}
	return nil
}
