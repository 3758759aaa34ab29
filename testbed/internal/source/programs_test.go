package source

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
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
	with := func(content string) []OverlayFile {
		return []OverlayFile{{Module: "example.org/m", File: "a/zz_generated.go", Content: text(content)}}
	}
	base := Programs{Title: "test", Dir: dir, Packages: []string{"example.org/m"}}
	seen := map[string]string{}
	for name, change := range map[string]func(*Programs){
		"nothing":           func(*Programs) {},
		"another toolchain": func(p *Programs) { p.Toolchain = "go1.19.13" },
		"another flag":      func(p *Programs) { p.LDFlags = "-X a=b" },
		"another tag":       func(p *Programs) { p.Tags = []string{"a"} },
		"another file":      func(p *Programs) { p.Overlay = with("package a") },
		"a file left out": func(p *Programs) {
			p.Overlay = []OverlayFile{{Module: "example.org/m", File: "a/zz_generated.go"}}
		},
		"another content of": func(p *Programs) { p.Overlay = with("package b") },
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

func TestAnOldCompilerIsChosen(t *testing.T) {
	programs := Programs{Toolchain: "go1.19.13"}
	environment := strings.Join(programs.environment(), "\n")
	for _, want := range []string{"GOTOOLCHAIN=go1.19.13", "CGO_ENABLED=0"} {
		if !strings.Contains(environment, want) {
			t.Errorf("the go command runs without %s", want)
		}
	}
}

func TestTheCompilerSeesTheOverlayInAModuleOfTheCache(t *testing.T) {
	dir := t.TempDir()
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	pins, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`golang.org/x/sync v\S+`).FindString(string(pins))
	for name, content := range map[string]string{
		"go.mod": "module example.org/m\n\ngo 1.26.0\n\nrequire " + required + "\n", "go.sum": string(sums),
		"main.go": "package main\n\nimport (\n\t\"golang.org/x/sync/errgroup\"\n\t\"golang.org/x/sync/semaphore\"\n)\n\n" +
			"func main() { print(errgroup.Limit, new(errgroup.Group), semaphore.Weighted) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	edited := EditedFile{
		ModuleFile{Dir: dir, Module: "golang.org/x/sync", Path: "errgroup/errgroup.go"},
		[]Edit{{regexp.MustCompile("type Group struct"), "const Limit = 3\n\ntype Group struct"}},
	}
	cache := artifact.Open(t.TempDir(), nil, t.Logf)
	programs := Programs{Title: "test", Dir: dir, Packages: []string{"."}, Overlay: []OverlayFile{
		edited.Overlay(),
		{Module: edited.Module, File: "semaphore/semaphore.go"}, // it declares Weighted too
		{Module: edited.Module, File: "semaphore/added.go", Content: text("package semaphore\n\nconst Weighted = true\n")},
	}}
	if err := cache.Make(t.Context(), programs); err != nil {
		t.Fatal(err)
	}

	edited.Edits[0].Old = regexp.MustCompile("no such text")
	if err := edited.Build(t.Context(), cache, t.TempDir()); err == nil || !strings.Contains(err.Error(), "no such text") {
		t.Errorf("of a text that is not there: %v", err)
	}
}
