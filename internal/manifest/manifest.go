// Package manifest reads third-party Kubernetes manifests, from a pinned URL or a local path.
package manifest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"istio-lab/internal/release"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// downloadTimeout bounds a download; the largest manifest of the lab has 250 kB.
const downloadTimeout = 30 * time.Second

// Read reads the manifest and returns its objects in their order. What was downloaded once is kept in the person's cache
// directory under its digest, so that a pinned manifest needs the network only once. The error names the location.
func Read(ctx context.Context, m release.Manifest) ([]Object, error) {
	text, err := Fetch(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", m.Location, err)
	}
	objects, err := Decode(text)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", m.Location, err)
	}
	return objects, nil
}

// Decode splits YAML documents into objects, and refuses text that holds none or something else.
func Decode(text []byte) ([]Object, error) {
	var objects []Object
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := Object{}
		switch err := decoder.Decode(&object); {
		case errors.Is(err, io.EOF):
			if len(objects) == 0 {
				return nil, errors.New("it holds no Kubernetes object")
			}
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("it is not YAML of Kubernetes objects: %w", err)
		}
		if len(object) == 0 {
			continue // an empty document
		}
		if object.String("apiVersion") == "" || object.String("kind") == "" || object.String("metadata", "name") == "" {
			return nil, fmt.Errorf("document %d has no apiVersion, kind or name", len(objects)+1)
		}
		objects = append(objects, object)
	}
}

// Fetch returns the text of a manifest. A pinned one that was downloaded before is not downloaded again.
func Fetch(ctx context.Context, m release.Manifest) ([]byte, error) {
	if !strings.HasPrefix(m.Location, "https://") && !strings.HasPrefix(m.Location, "http://") {
		return os.ReadFile(m.Location)
	}
	if m.SHA256 == "" {
		return download(ctx, m.Location)
	}
	cached, text := kept(m)
	if text != nil {
		return text, nil
	}
	text, err := download(ctx, m.Location)
	if err != nil {
		return nil, err
	}
	if got := digest(text); got != m.SHA256 {
		return nil, fmt.Errorf("its SHA-256 is %s, and %s is pinned; the file was changed, or a proxy answered", got, m.SHA256)
	}
	if cached != "" {
		store(cached, text)
	}
	return text, nil
}

// Kept says whether a pinned manifest was downloaded before, and so needs no network.
func Kept(m release.Manifest) bool {
	_, text := kept(m)
	return text != nil
}

// kept returns where a pinned manifest is kept, which is empty where there is no such place, and its text if it is there.
func kept(m release.Manifest) (file string, text []byte) {
	dir, err := os.UserCacheDir()
	if err != nil || m.SHA256 == "" {
		return "", nil
	}
	file = filepath.Join(dir, "istio-lab", "manifests", m.SHA256+".yaml")
	if text, err = os.ReadFile(file); err != nil || digest(text) != m.SHA256 {
		return file, nil
	}
	return file, text
}

// store keeps a downloaded manifest. A cache that cannot be written costs a download the next time, and nothing else.
func store(path string, text []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "download-*")
	if err != nil {
		return
	}
	defer os.Remove(temporary.Name())
	_, writeErr := temporary.Write(text)
	if errors.Join(writeErr, temporary.Close()) == nil {
		_ = os.Rename(temporary.Name(), path)
	}
}

func download(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w; without a network, give a local copy in lab.manifests", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
