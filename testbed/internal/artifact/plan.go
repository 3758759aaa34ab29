package artifact

import (
	"context"
	"fmt"
	"sync"
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

// atOnce is how many artifacts are made at once. A compiler uses all cores by itself, but for its start, its linker and its downloads.
const atOnce = 2

// Make makes the artifacts that are missing, and what they are made of, several at once, and says how long it will take.
func (c *Cache) Make(ctx context.Context, artifacts ...Artifact) error {
	missing, err := c.Missing(artifacts...)
	if err != nil || len(missing) == 0 {
		return err
	}
	p := progress{started: time.Now(), count: len(missing)}
	for _, a := range missing {
		p.left += c.costs[a.Name()]
	}
	c.log("%d parts are to be made, %s", p.count, p.remaining())
	made := map[string]chan struct{}{} // closed, by an artifact's name
	for _, a := range missing {
		made[a.Name()] = make(chan struct{})
	}
	group, ctx := errgroup.WithContext(ctx)
	turns := make(chan struct{}, atOnce)
	for _, a := range missing {
		group.Go(func() error {
			defer close(made[a.Name()])
			// What waits for others does not take a turn from what could be made meanwhile.
			if composite, ok := a.(Composite); ok {
				for _, need := range composite.Needs() {
					if others := made[need.Name()]; others != nil {
						<-others
					}
				}
			}
			turns <- struct{}{}
			defer func() { <-turns }()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			started := time.Now()
			if _, err := c.Get(ctx, a); err != nil {
				return err
			}
			p.Lock()
			defer p.Unlock()
			c.log("%-26s made in %-6s  %s", a.Name(), time.Since(started).Round(time.Second), p.made(c.costs[a.Name()]))
			return nil
		})
	}
	return group.Wait()
}

// progress is how far a plan has come.
type progress struct {
	sync.Mutex
	started     time.Time
	count, done int
	spent, left time.Duration
}

// made notes that one more artifact is made, and says what is left. The progress is locked.
func (p *progress) made(cost time.Duration) string {
	p.done++
	p.spent += cost
	p.left -= cost
	return fmt.Sprintf("%d of %d, %s", p.done, p.count, p.remaining())
}

// remaining is the time that is left, at the pace that this machine has had so far.
func (p *progress) remaining() string {
	left := p.left / atOnce
	// Sooner, what is under way distorts it.
	const enough = time.Minute
	if p.spent > enough {
		left = time.Duration(float64(p.left) * float64(time.Since(p.started)) / float64(p.spent))
	}
	if left < time.Minute {
		return "less than a minute left"
	}
	return fmt.Sprintf("about %d min left", int(left.Minutes()+0.5))
}
