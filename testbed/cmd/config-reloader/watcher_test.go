package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// mount lays out a folder as kubelet lays out a ConfigMap: the files are links through a link that is swapped.
func mount(t *testing.T, dir, version, content string) {
	t.Helper()
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, version), 0o755),
		os.WriteFile(filepath.Join(dir, version, "prometheus.yml"), []byte(content), 0o644),
		os.Symlink(version, filepath.Join(dir, "..new")),
		os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	err := os.Symlink(filepath.Join("..data", "prometheus.yml"), filepath.Join(dir, "prometheus.yml"))
	if err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}

func TestTheServerReadsAgainWhatHasChangedAndOnlyThat(t *testing.T) {
	var reloads int
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			t.Errorf("got a %s", r.Method)
		}
		reloads++
		w.WriteHeader(status)
	}))
	defer server.Close()
	w := watcher{dir: t.TempDir(), url: server.URL}
	look := func(want int) {
		t.Helper()
		err := w.look(context.Background())
		if (err != nil) != (status != http.StatusOK) || reloads != want {
			t.Errorf("got %d reloads, %v; want %d", reloads, err, want)
		}
	}
	mount(t, w.dir, "..1", "a: 1")
	look(1)
	look(1)
	mount(t, w.dir, "..2", "a: 1")
	look(1)
	mount(t, w.dir, "..3", "a: 2")
	look(2)
	status = http.StatusBadRequest
	mount(t, w.dir, "..4", "a: [")
	look(3)
	look(4)
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	w := watcher{dir: filepath.Join(t.TempDir(), "none"), url: "http://127.0.0.1:1"}
	if err := w.look(context.Background()); err == nil {
		t.Error("want an error")
	}
}
