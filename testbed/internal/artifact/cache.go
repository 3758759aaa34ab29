package artifact

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/singleflight"
)

// unfinished begins the name of a folder in which an artifact is being made.
const unfinished = "unfinished-"

// Cache keeps artifacts in a folder, each under its name and key. It can be used by several goroutines at once.
type Cache struct {
	dir    string
	costs  map[string]time.Duration
	log    func(format string, args ...any)
	builds singleflight.Group
}

// Open opens the cache in dir. Costs say, by an artifact's name, about how long it takes to make it beside others. What is done is
// told to log.
func Open(dir string, costs map[string]time.Duration, log func(format string, args ...any)) *Cache {
	return &Cache{dir: dir, costs: costs, log: log}
}

// Lock waits until no other process builds in the cache, and keeps others from it until it is unlocked.
func (c *Cache) Lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the cache: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(c.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			// The lock ends with the process too, however that ends.
			return func() { lock.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			lock.Close()
			return nil, fmt.Errorf("locking the cache %s: %w", c.dir, err)
		}
		if !told {
			c.log("waiting for another build in %s", c.dir)
		}
		select {
		case <-ctx.Done():
			lock.Close()
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Path is where the artifact is, or will be.
func (c *Cache) Path(a Artifact) (string, error) {
	key, err := a.Key()
	if err != nil {
		return "", fmt.Errorf("%s: %w", a.Name(), err)
	}
	return filepath.Join(c.dir, a.Name(), key), nil
}

// Has tells whether the artifact is there already.
func (c *Cache) Has(a Artifact) bool {
	path, err := c.Path(a)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// Get returns the artifact's folder, and builds it first where it is missing. An interrupted build leaves
// only a temporary folder, which the next build of the same artifact removes together with those that are not used any more.
func (c *Cache) Get(ctx context.Context, a Artifact) (string, error) {
	path, err := c.Path(a)
	if err != nil {
		return "", err
	}
	_, err, _ = c.builds.Do(path, func() (any, error) {
		if c.use(path) {
			return nil, nil
		}
		return nil, c.build(ctx, a, path)
	})
	return path, err
}

// build makes the artifact in a folder of its own, and moves it to its path.
func (c *Cache) build(ctx context.Context, a Artifact, path string) error {
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, unfinished)
	if err != nil {
		return err
	}
	if err := a.Build(ctx, c, temporary); err != nil {
		os.RemoveAll(temporary)
		return fmt.Errorf("%s: %w", a.Name(), err)
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	c.use(temporary) // now, and not when its last file was written
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return prune(parent)
}

// use notes that a folder is in use now, and tells whether it is there. The time of its last change says so.
func (c *Cache) use(path string) bool {
	now := time.Now()
	return os.Chtimes(path, now, now) == nil
}

const (
	// kept is how many revisions of an artifact there can be: several checkouts of the project share the cache, and what was made for
	// one of them may be in use while another builds its own.
	kept = 3
	// recent is how long an older revision is kept after it was used last.
	recent = 3 * 24 * time.Hour
)

// prune removes from the folder of an artifact what interrupted builds left, and revisions that are not used any more.
func prune(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	used := map[string]time.Time{}
	var names []string
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(entry.Name(), unfinished) {
			used[entry.Name()] = info.ModTime()
		}
		names = append(names, entry.Name())
	}
	slices.SortFunc(names, func(a, b string) int { return used[b].Compare(used[a]) })
	for i, name := range names {
		if i > 0 && (i >= kept || time.Since(used[name]) > recent) {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}
