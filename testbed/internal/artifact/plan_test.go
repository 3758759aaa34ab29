package artifact

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// dish is an artifact that is made of others, and takes a while.
type dish struct {
	name  string
	takes time.Duration
	of    []Artifact
	made  func(string)
	fail  error
}

func (d dish) Name() string         { return d.name }
func (d dish) Key() (string, error) { return Key(d.name), nil }
func (d dish) Needs() []Artifact    { return d.of }
func (d dish) Build(ctx context.Context, cache *Cache, dir string) error {
	for _, a := range d.of {
		if _, err := cache.Get(ctx, a); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d.takes):
	}
	d.made(d.name)
	return d.fail
}

func TestWhatIsMissingIsMadeOnceAndAfterItsNeeds(t *testing.T) {
	var lock sync.Mutex
	var made []string
	note := func(name string) {
		lock.Lock()
		defer lock.Unlock()
		made = append(made, name)
	}
	cache := quietCache(t)
	flour := dish{name: "flour", takes: 20 * time.Millisecond, made: note}
	bread := dish{name: "bread", of: []Artifact{flour}, made: note}
	cake := dish{name: "cake", of: []Artifact{flour}, made: note}
	if err := cache.Make(t.Context(), bread, cake, bread); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(made[1:]); !slices.Equal(made, []string{"flour", "bread", "cake"}) {
		t.Errorf("made %q", made)
	}
	// What it was made of is of no use any more.
	if err := os.RemoveAll(filepath.Join(cache.dir, "flour")); err != nil {
		t.Fatal(err)
	}
	if missing, err := cache.Missing(bread, cake); err != nil || len(missing) > 0 {
		t.Errorf("afterwards missing: %v, %v", missing, err)
	}
}

func TestTwoAreMadeAtOnceAndAPersonIsToldHowLongTheRestTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		costs := map[string]time.Duration{}
		cache := Open(t.TempDir(), costs, func(format string, args ...any) {
			said = append(said, fmt.Sprintf(format, args...))
		})
		var dishes []Artifact
		for _, name := range []string{"a", "b", "c", "d"} {
			// This machine takes half the time that is expected.
			costs[name] = 4 * time.Minute
			dishes = append(dishes, dish{name: name, takes: 2 * time.Minute, made: func(string) {}})
		}
		started := time.Now()
		if err := cache.Make(t.Context(), dishes...); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took != 4*time.Minute {
			t.Errorf("took %s", took)
		}
		for i, want := range map[int]string{
			0: "4 parts are to be made, about 8 min left",
			2: "made in 2m0s    2 of 4, about 2 min left",
			4: "made in 2m0s    4 of 4, less than a minute left",
		} {
			if !strings.HasSuffix(said[i], want) {
				t.Errorf("said %q, want %q", said[i], want)
			}
		}
	})
}

func TestWhatWaitsForOthersLeavesItsTurnToWhatDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := func(string) {}
		oven := dish{name: "oven", takes: 4 * time.Minute, made: made}
		bread := dish{name: "bread", of: []Artifact{oven}, made: made}
		salad := dish{name: "salad", takes: 2 * time.Minute, made: made}
		soup := dish{name: "soup", takes: 2 * time.Minute, made: made}
		started := time.Now()
		if err := quietCache(t).Make(t.Context(), bread, salad, soup); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took != 4*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

// relative is a dish of a group.
type relative struct {
	dish
	group string
}

func (r relative) Group() string { return r.group }

func TestArtifactsOfAGroupAreMadeOneAfterAnotherAndBesideThoseOfOtherGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := quietCache(t)
		started, took := time.Now(), map[string]time.Duration{}
		var lock sync.Mutex
		note := func(name string) {
			lock.Lock()
			defer lock.Unlock()
			took[name[:1]] = max(took[name[:1]], time.Since(started))
		}
		var all []Artifact
		for _, name := range []string{"a1", "a2", "a3", "b1", "b2"} {
			all = append(all, relative{dish{name: name, takes: time.Minute, made: note}, name[:1]})
		}
		if err := cache.Make(t.Context(), all...); err != nil {
			t.Fatal(err)
		}
		if took["a"] != 3*time.Minute || took["b"] != 2*time.Minute {
			t.Errorf("they took %v", took)
		}
	})
}

func TestOneThatFailsStopsTheOthersAndIsNamed(t *testing.T) {
	cache := quietCache(t)
	failure := errors.New("no flour")
	bad := dish{name: "bad", fail: failure, made: func(string) {}}
	slow := dish{name: "slow", takes: time.Hour, made: func(string) {}}
	if err := cache.Make(t.Context(), slow, bad); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	if missing, err := cache.Missing(bad, slow); err != nil || len(missing) != 2 {
		t.Errorf("missing %v, %v", missing, err)
	}
}
