// Package artifact makes named sets of files once for each set of inputs and keeps them in a cache.
package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Artifact is a folder of files that follows from its inputs alone.
type Artifact interface {
	// Name is the artifact's folder in the cache, and what progress lines call it.
	Name() string
	// Key changes whenever an input does.
	Key() (string, error)
	// Build writes the files into dir, which is empty.
	Build(ctx context.Context, cache *Cache, dir string) error
}

// Key condenses the parts to a short name. Each part is delimited, so that moving a byte
// from one part to the next makes another key.
func Key(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s\n", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))[:20]
}

// FilesKey is the key of the contents and names of files; a folder stands for all files below it but Go tests.
func FilesKey(paths ...string) (string, error) {
	var parts []string
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			parts = append(parts, path, string(content))
			return err
		})
		if err != nil {
			return "", fmt.Errorf("reading the inputs of a key: %w", err)
		}
	}
	return Key(parts...), nil
}

// Source is the content of one file.
type Source interface {
	Key() (string, error)
	// Open returns the content and its length.
	Open(ctx context.Context, cache *Cache) (io.ReadCloser, int64, error)
}

// Of names one file of an artifact.
func Of(a Artifact, file string) Source { return member{a, file} }

type member struct {
	Artifact
	file string
}

func (m member) Key() (string, error) {
	key, err := m.Artifact.Key()
	return Key(key, m.file), err
}

func (m member) Open(ctx context.Context, cache *Cache) (io.ReadCloser, int64, error) {
	dir, err := cache.Get(ctx, m.Artifact)
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(filepath.Join(dir, m.file))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
