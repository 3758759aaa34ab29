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

// Grouped is an artifact that shares much of its work with the others of its group: made one after another, they do it once.
type Grouped interface {
	Artifact
	// Group is the group's name.
	Group() string
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

// Missing are those of the artifacts that the cache does not have, and of what these are made of; each once, and after its needs. The others
// are noted to be in use.
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
			if seen[path] || c.use(path) {
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
	p := progress{started: time.Now(), count: len(missing), begun: map[string]underway{}}
	for _, a := range missing {
		p.costs += c.costs[a.Name()]
	}
	c.log("%d parts are to be made, %s", p.count, p.remaining())
	made := map[string]chan struct{}{} // closed, by an artifact's name
	for _, a := range missing {
		made[a.Name()] = make(chan struct{})
	}
	groups := map[string]chan struct{}{} // a turn each
	for _, a := range missing {
		if grouped, ok := a.(Grouped); ok {
			groups[grouped.Group()] = make(chan struct{}, 1)
		}
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
			if grouped, ok := a.(Grouped); ok {
				group := groups[grouped.Group()]
				group <- struct{}{}
				defer func() { <-group }()
			}
			turns <- struct{}{}
			defer func() { <-turns }()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.begin(a.Name(), c.costs[a.Name()])
			if _, err := c.Get(ctx, a); err != nil {
				return err
			}
			p.end(a.Name(), func(took time.Duration, left string) {
				c.log("%-26s made in %-6s  %s", a.Name(), took.Round(time.Second), left)
			})
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
	// costs is how long all takes one after the other, spent how long what is made has been expected to take.
	costs, spent time.Duration
	// begun is what is under way, by name.
	begun map[string]underway
}

// underway is when an artifact was begun, and how long it is expected to take.
type underway struct {
	begun time.Time
	cost  time.Duration
}

func (p *progress) begin(name string, cost time.Duration) {
	p.Lock()
	defer p.Unlock()
	p.begun[name] = underway{time.Now(), cost}
}

// end notes that an artifact is made, and hands what is left to tell to a function, one at a time.
func (p *progress) end(name string, tell func(took time.Duration, left string)) {
	p.Lock()
	defer p.Unlock()
	one := p.begun[name]
	delete(p.begun, name)
	p.done++
	p.spent += one.cost
	tell(time.Since(one.begun), fmt.Sprintf("%d of %d, %s", p.done, p.count, p.remaining()))
}

// remaining is the time that is left, at the pace that this machine has had so far.
func (p *progress) remaining() string {
	gone := p.spent
	for _, one := range p.begun {
		gone += min(one.cost, time.Since(one.begun))
	}
	left := (p.costs - gone) / atOnce
	// Sooner, the pace is not known.
	const enough = time.Minute
	if gone > enough {
		left = time.Duration(float64(p.costs-gone) * float64(time.Since(p.started)) / float64(gone))
	}
	if left < time.Minute {
		return "less than a minute left"
	}
	return fmt.Sprintf("about %d min left", int(left.Minutes()+0.5))
}
