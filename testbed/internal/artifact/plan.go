package artifact

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Composite is an artifact that is made of others.
type Composite interface {
	Artifact
	// Needs are the others.
	Needs() []Artifact
}

// Needs are the artifacts that sources are files of.
func Needs(sources ...Source) []Artifact {
	var needs []Artifact
	for _, source := range sources {
		if of, isMember := source.(member); isMember {
			needs = append(needs, of.Artifact)
		}
	}
	return needs
}

// Missing are those of the artifacts that the cache does not have, and of what these are made of; each once, and after its needs.
func (c *Cache) Missing(artifacts ...Artifact) ([]Artifact, error) {
	var missing []Artifact
	seen := map[string]bool{}
	var visit func([]Artifact) error
	visit = func(artifacts []Artifact) error {
		for _, a := range artifacts {
			path, err := c.Path(a)
			if err != nil {
				return err
			}
			if seen[path] || c.Has(a) {
				continue
			}
			seen[path] = true
			if composite, ok := a.(Composite); ok {
				if err := visit(composite.Needs()); err != nil {
					return err
				}
			}
			missing = append(missing, a)
		}
		return nil
	}
	return missing, visit(artifacts)
}

// Make makes the artifacts that are missing, and what they are made of, several at once.
func (c *Cache) Make(ctx context.Context, artifacts ...Artifact) error {
	missing, err := c.Missing(artifacts...)
	if err != nil || len(missing) == 0 {
		return err
	}
	c.log("%d parts are to be made", len(missing))
	var done atomic.Int32
	group, ctx := errgroup.WithContext(ctx)
	// A compiler uses all cores by itself, but for its start, its linker and its downloads.
	group.SetLimit(2)
	for _, a := range missing {
		group.Go(func() error {
			started := time.Now()
			if _, err := c.Get(ctx, a); err != nil {
				return err
			}
			c.log("%-26s made in %-6s  %d of %d", a.Name(), time.Since(started).Round(time.Second), done.Add(1), len(missing))
			return nil
		})
	}
	return group.Wait()
}
