package main

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/machine"
	"istio-lab/testbed/internal/recipe"
)

// makeMissing makes the artifacts that the cache does not have, and warns beforehand where there may be no room for them: Go's caches
// may hold some of it already.
func (b *bed) makeMissing(ctx context.Context, cache *artifact.Cache, artifacts ...artifact.Artifact) error {
	missing, err := cache.Missing(artifacts...)
	if err != nil || len(missing) == 0 {
		return err
	}
	folders, err := artifact.Output(exec.CommandContext(ctx, "go", "env", "GOCACHE", "GOMODCACHE"))
	if err != nil {
		return err
	}
	for _, dir := range append(strings.Split(folders, "\n"), b.cacheDir) {
		if err := machine.Room(dir, needed(missing)); err != nil {
			b.say("warning: %v", err)
		}
	}
	return cache.Make(ctx, artifacts...)
}

// needed is about how many bytes it takes to make artifacts from empty caches: what is compiled longer leaves more behind.
func needed(artifacts []artifact.Artifact) uint64 {
	var of, all time.Duration
	for _, cost := range recipe.Costs {
		all += cost
	}
	for _, a := range artifacts {
		of += recipe.Costs[a.Name()]
	}
	return uint64(float64(recipe.Disk) * float64(of) / float64(all))
}
