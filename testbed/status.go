package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"text/tabwriter"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/recipe"
)

func status(ctx context.Context, b *bed, args []string) error {
	flags := flag.NewFlagSet("status", flag.ContinueOnError)
	release := releaseFlag(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	cache := b.cache()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tIMAGE\tNEEDED BY\tMADE\tIN THE ENGINE")
	for _, r := range recipe.All(string(*release)) {
		loaded := "-"
		if r.Place.Has(recipe.Engine) {
			_, err := engine.Run(ctx, "image", "inspect", r.Image.Ref)
			loaded = yesNo(err == nil)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Short, r.Image.Ref, r.Place, yesNo(complete(cache, r)), loaded)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	state, err := engine.Run(ctx, "container", "inspect", "--format", "{{.State.Status}}", registryContainer)
	if err != nil {
		state = "absent"
	}
	fmt.Printf("\nregistry %s: %s\ncache %s\n", registryContainer, state, b.cacheDir)
	return nil
}

// complete tells whether all layers of an image are there and up to date.
func complete(cache *artifact.Cache, r recipe.Recipe) bool {
	for _, layer := range r.Image.Layers {
		if !cache.Has(layer) {
			return false
		}
	}
	return true
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
