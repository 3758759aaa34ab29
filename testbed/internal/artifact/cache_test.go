package artifact

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// note is an artifact with one file.
type note struct {
	text  string
	fail  error
	built *int
}

func (n note) Name() string         { return "note" }
func (n note) Key() (string, error) { return Key(n.text), nil }
func (n note) Build(_ context.Context, _ *Cache, dir string) error {
	*n.built++
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte(n.text), 0o644); err != nil {
		return err
	}
	return n.fail
}

func quietCache(t *testing.T) *Cache {
	t.Helper()
	return Open(t.TempDir(), nil, func(string, ...any) {})
}

func TestAnArtifactIsBuiltOnceUntilItsKeyChanges(t *testing.T) {
	cache, built := quietCache(t), 0
	for i, step := range []struct {
		text string
		want int
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"b", 2}} {
		dir, err := cache.Get(t.Context(), note{text: step.text, built: &built})
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, "text"))
		if err != nil || string(content) != step.text {
			t.Errorf("step %d: got %q, %v", i, content, err)
		}
		if built != step.want {
			t.Errorf("step %d: built %d times, want %d", i, built, step.want)
		}
	}
}

func TestTheNextBuildRemovesAnInterruptedOne(t *testing.T) {
	cache, built := quietCache(t), 0
	if err := os.MkdirAll(filepath.Join(cache.dir, "note", unfinished+"1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Get(t.Context(), note{text: "a", built: &built}); err != nil {
		t.Fatal(err)
	}
	if left := revisions(t, cache, &built); !slices.Equal(left, []string{"a"}) {
		t.Errorf("left %q", left)
	}
}

// revisions are the texts of the revisions of a note that are in the cache, and the names of what else is there.
func revisions(t *testing.T, cache *Cache, built *int) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(cache.dir, "note"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(cache.dir, "note", entry.Name(), "text"))
		if err != nil {
			text = []byte(entry.Name())
		}
		left = append(left, string(text))
	}
	slices.Sort(left)
	return left
}

// Two checkouts of different revisions share a cache.
func TestARevisionThatIsUsedOutlivesTheBuildOfAnother(t *testing.T) {
	cache, built := quietCache(t), 0
	get := func(text string) {
		t.Helper()
		if _, err := cache.Get(t.Context(), note{text: text, built: &built}); err != nil {
			t.Fatal(err)
		}
	}
	age := func(text string, by time.Duration) {
		t.Helper()
		path, err := cache.Path(note{text: text})
		if err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-by)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"a", "b", "c", "d"} {
		for _, older := range []string{"a", "b", "c"} {
			if cache.Has(note{text: older}) {
				age(older, map[string]time.Duration{"a": 3 * time.Hour, "b": 2 * time.Hour, "c": time.Hour}[older])
			}
		}
		get("a") // which the other checkout goes on using
		get(text)
	}
	if left := revisions(t, cache, &built); !slices.Equal(left, []string{"a", "c", "d"}) {
		t.Errorf("left %q, want the one in use and the newest two", left)
	}
	age("a", recent+time.Minute)
	age("c", recent-time.Minute)
	age("d", recent+time.Minute)
	if _, err := cache.Missing(note{text: "d", built: &built}); err != nil { // which a plan uses
		t.Fatal(err)
	}
	get("e")
	if left := revisions(t, cache, &built); !slices.Equal(left, []string{"c", "d", "e"}) {
		t.Errorf("left %q, want those that were used of late", left)
	}
	age("c", recent+time.Minute)
	age("d", recent+time.Minute)
	age("e", recent+time.Minute)
	get("f")
	if left := revisions(t, cache, &built); !slices.Equal(left, []string{"f"}) {
		t.Errorf("left %q, want the one that is in use", left)
	}
}

func TestAFailedBuildLeavesNothingAndIsTriedAgain(t *testing.T) {
	cache, built, broken := quietCache(t), 0, errors.New("broken")
	if _, err := cache.Get(t.Context(), note{text: "a", fail: broken, built: &built}); !errors.Is(err, broken) {
		t.Fatalf("got %v, want %v", err, broken)
	}
	if cache.Has(note{text: "a"}) {
		t.Error("the cache has an artifact whose build failed")
	}
	if _, err := cache.Get(t.Context(), note{text: "a", built: &built}); err != nil || built != 2 {
		t.Errorf("got %v after %d builds", err, built)
	}
}

func TestASecondProcessWaitsForTheCacheUntilItIsUnlocked(t *testing.T) {
	cache := quietCache(t)
	unlock, err := cache.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := cache.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want to wait in vain", err)
	}
	unlock()
	again, err := cache.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestAKeyTellsItsPartsApart(t *testing.T) {
	keys := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"ab"}, {"a", "b"}, {"b", "a"}, {"a", "", "b"}, {"1:a\n"}} {
		key := Key(parts...)
		if other, taken := keys[key]; taken {
			t.Errorf("%q and %q have the same key", parts, other)
		}
		keys[key] = parts
	}
}

func TestTheKeyOfFilesChangesWithContentNameAndNumber(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		key, err := FilesKey(dir)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := write("go.mod", "module a")
	if write("go.mod", "module a") != first {
		t.Error("the key of unchanged files changed")
	}
	seen := map[string]bool{first: true}
	for _, change := range [][2]string{{"go.mod", "module b"}, {"go.sum", ""}, {"go.sum", "x"}} {
		if key := write(change[0], change[1]); seen[key] {
			t.Errorf("writing %q to %s did not make a new key", change[1], change[0])
		} else {
			seen[key] = true
		}
	}
	if _, err := FilesKey(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing input gave %v", err)
	}
}
