package main

import (
	"flag"
	"io"
	"strings"
	"testing"

	"istio-lab/testbed/internal/recipe"
)

func TestImagesAreChosenByNameInTheirOwnOrder(t *testing.T) {
	chosen, err := choose(recipe.Release, "pilot,node")
	if err != nil || len(chosen) != 2 || chosen[0].Short != "node" || chosen[1].Short != "pilot" {
		t.Errorf("got %v, %v", chosen, err)
	}
	if all, err := choose(recipe.Release, ""); err != nil || len(all) != len(recipe.All(recipe.Release)) {
		t.Errorf("without a name: got %d images, %v", len(all), err)
	}
}

func TestAnUnknownImageIsRefusedWithTheNamesThereAre(t *testing.T) {
	_, err := choose(recipe.Release, "node,envoy")
	if err == nil || !strings.Contains(err.Error(), `"envoy"`) || !strings.Contains(err.Error(), "proxyv2") {
		t.Errorf("got %v", err)
	}
}

func TestAReleaseIsOneOfThoseThatAreMade(t *testing.T) {
	for _, name := range []string{recipe.Release, recipe.Book} {
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		release := releaseFlag(flags)
		if err := flags.Parse([]string{"-release", name}); err != nil || string(*release) != name {
			t.Errorf("%s: got %s, %v", name, *release, err)
		}
	}
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	releaseFlag(flags)
	if err := flags.Parse([]string{"-release", "next"}); err == nil || !strings.Contains(err.Error(), recipe.Book) {
		t.Errorf("an unknown one: got %v", err)
	}
}
