package source

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/testbed/internal/artifact"
)

// text is content that is known beforehand.
type text string

func (t text) Key() (string, error) { return artifact.Key(string(t)), nil }

func (t text) Open(context.Context, *artifact.Cache) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader(string(t))), int64(len(t)), nil
}

func TestTheKeyOfProgramsChangesWithAllThatTheyAreCompiledOf(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	with := func(content string) []MissingFile {
		return []MissingFile{{Module: "example.org/m", File: "a/zz_generated.go", Content: text(content)}}
	}
	base := Programs{Title: "test", Dir: dir, Packages: []string{"example.org/m"}}
	seen := map[string]string{}
	for name, change := range map[string]func(*Programs){
		"nothing":            func(*Programs) {},
		"another toolchain":  func(p *Programs) { p.Toolchain = "go1.19.13" },
		"another flag":       func(p *Programs) { p.LDFlags = "-X a=b" },
		"another tag":        func(p *Programs) { p.Tags = []string{"a"} },
		"a missing file":     func(p *Programs) { p.Missing = with("package a") },
		"another content of": func(p *Programs) { p.Missing = with("package b") },
	} {
		programs := base
		change(&programs)
		key, err := programs.Key()
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[key]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[key] = name
	}
}

func TestAnOldCompilerIsChosenAndLooksForAddedFiles(t *testing.T) {
	programs := Programs{Toolchain: "go1.19.13", Missing: []MissingFile{{}}}
	environment := strings.Join(programs.environment(), "\n")
	for _, want := range []string{"GOTOOLCHAIN=go1.19.13", "GODEBUG=goindex=0", "CGO_ENABLED=0"} {
		if !strings.Contains(environment, want) {
			t.Errorf("the go command runs without %s", want)
		}
	}
}
