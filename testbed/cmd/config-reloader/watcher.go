package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// watcher knows which configuration the server has read.
type watcher struct {
	dir, url string
	read     string
}

// look has the server read the folder's files if they are not those that it has read already. What fails is tried again by
// the next look, the first of which may come before the server listens.
func (w *watcher) look(ctx context.Context) error {
	found, err := fingerprint(w.dir)
	if err != nil || found == w.read {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("reloading the configuration: %s answered %s", w.url, response.Status)
	}
	w.read = found
	log.Printf("%s has read %s", w.url, w.dir)
	return nil
}

// fingerprint changes with the names and contents of a folder's files. Of a mounted ConfigMap these are links into a hidden
// folder whose name starts with two dots.
func fingerprint(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), "..") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%q %q\n", entry.Name(), content)
	}
	return string(hash.Sum(nil)), nil
}
