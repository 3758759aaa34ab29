package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheProjectIsFoundFromADirectoryInsideIt(t *testing.T) {
	project, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(project, "Pulumi.yaml"), "name: istio-lab\nruntime: go\n")
	write(t, filepath.Join(project, "other", "Pulumi.yaml"), "name: other\n")
	inside := filepath.Join(project, "other", "deep")
	if err := os.MkdirAll(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{project, inside} {
		if found, err := findProject(from); err != nil || found != project {
			t.Errorf("from %s: %s, %v", from, found, err)
		}
	}
}

func TestAProjectReachedByALinkHasOneName(t *testing.T) {
	project := t.TempDir()
	write(t, filepath.Join(project, "Pulumi.yaml"), "name: istio-lab\n")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(project, link); err != nil {
		t.Skipf("this machine makes no symbolic links: %v", err)
	}
	direct, err := findProject(project)
	if err != nil {
		t.Fatal(err)
	}
	if linked, err := findProject(link); err != nil || linked != direct {
		t.Errorf("%s and %s, %v", direct, linked, err)
	}
}

func TestOutsideTheProjectIsRefused(t *testing.T) {
	if _, err := findProject(string(filepath.Separator)); err == nil || !strings.Contains(err.Error(), "run lab in a clone of istio-lab") {
		t.Error(err)
	}
}
