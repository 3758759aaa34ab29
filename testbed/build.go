package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/recipe"
)

func build(ctx context.Context, b *bed, args []string) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	only := flags.String("only", "", "the images to make, separated by commas")
	release := releaseFlag(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	recipes, err := choose(string(*release), *only)
	if err != nil {
		return err
	}
	cache := b.cache()
	unlock, err := cache.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.makeMissing(ctx, cache, layers(recipes)...); err != nil {
		return err
	}
	b.say("%d images are up to date in %s", len(recipes), b.cacheDir)
	return nil
}

// layers are what images are made of.
func layers(recipes []recipe.Recipe) []artifact.Artifact {
	var all []artifact.Artifact
	for _, r := range recipes {
		all = append(all, r.Image.Layers...)
	}
	return all
}

// choose returns the recipes of a release with the names, in their own order; all of them if there is no name.
func choose(release, names string) ([]recipe.Recipe, error) {
	all := recipe.All(release)
	if names == "" {
		return all, nil
	}
	wanted := strings.Split(names, ",")
	var known []string
	var chosen []recipe.Recipe
	for _, r := range all {
		known = append(known, r.Short)
		if slices.Contains(wanted, r.Short) {
			chosen = append(chosen, r)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("no image is called %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return chosen, nil
}

// release is the name of a release whose images the test bed makes, as the value of a flag.
type release string

func releaseFlag(flags *flag.FlagSet) *release {
	r := release(recipe.Release)
	flags.Var(&r, "release", "the release whose images to make: "+recipe.Release+" or "+recipe.Book)
	return &r
}

// String implements flag.Value.
func (r *release) String() string { return string(*r) }

// Set implements flag.Value.
func (r *release) Set(name string) error {
	if name != recipe.Release && name != recipe.Book {
		return fmt.Errorf("it must be %s or %s", recipe.Release, recipe.Book)
	}
	*r = release(name)
	return nil
}
