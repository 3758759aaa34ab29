package main

import (
	"strings"
	"testing"

	"istio-lab/testbed/internal/recipe"
)

func TestImagesAreChosenByNameInTheirOwnOrder(t *testing.T) {
	chosen, err := choose("pilot,node")
	if err != nil || len(chosen) != 2 || chosen[0].Short != "node" || chosen[1].Short != "pilot" {
		t.Errorf("got %v, %v", chosen, err)
	}
	if all, err := choose(""); err != nil || len(all) != len(recipe.All()) {
		t.Errorf("without a name: got %d images, %v", len(all), err)
	}
}

func TestAnUnknownImageIsRefusedWithTheNamesThereAre(t *testing.T) {
	_, err := choose("node,envoy")
	if err == nil || !strings.Contains(err.Error(), `"envoy"`) || !strings.Contains(err.Error(), "proxyv2") {
		t.Errorf("got %v", err)
	}
}
