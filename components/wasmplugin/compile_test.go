package wasmplugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFilterCompilesToTheSameModuleWhereverItLies(t *testing.T) {
	copied := filepath.Join(t.TempDir(), "copied")
	if err := os.CopyFS(copied, os.DirFS("filter")); err != nil {
		t.Fatal(err)
	}
	target := t.TempDir()
	var first Module
	for i, source := range []string{"filter", copied} {
		m, err := compile(t.Context(), source, target)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = m
		} else if m != first {
			t.Errorf("got %v, then %v", first, m)
		}
	}
	files, err := os.ReadDir(target)
	if err != nil || len(files) != 1 || files[0].Name() != first.SHA256+".wasm" {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestAFilterThatAsksMoreThanEveryProxyHasIsRefusedByName(t *testing.T) {
	_, err := compile(t.Context(), "testdata/files", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "path_readlink") {
		t.Errorf("got %v", err)
	}
}

func TestAFilterThatDoesNotCompileSaysWhy(t *testing.T) {
	source := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module broken\n", "main.go": "package main\n\nfunc main() { nothing() }\n"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := compile(t.Context(), source, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "main.go:3:15: undefined: nothing") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutGoItIsSaidWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Compile(t.Context(), "../..", Filter)
	if err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("got %v", err)
	}
}

func TestAModuleThatIsCutOffIsNotTakenForOneWithoutImports(t *testing.T) {
	module := []byte("\x00asm\x01\x00\x00\x00" + "\x02\x0b\x01" + "\x03env" + "\x03log" + "\x00\x00")
	if names, err := wasiImports(module); err != nil || len(names) != 0 {
		t.Fatalf("the whole module: %v, %v", names, err)
	}
	for size := range module {
		if _, err := wasiImports(module[:size]); err == nil && size != 8 {
			t.Errorf("%d bytes of it were accepted", size)
		}
	}
}
