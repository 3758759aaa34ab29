package source

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

func TestStringConstantsAreEvaluatedAcrossFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	image := write("image.go", "package p\n\nconst image = \"example.org/a:\" + tag\nconst tag = \"v1\"\nconst count = 3\n\nvar other = image\n")
	manifest := write("manifest.go", "package p\n\nconst manifest = `image: ` + image + `\n`\n")

	got, err := StringConstants(image, manifest)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"image": "example.org/a:v1", "tag": "v1", "manifest": "image: example.org/a:v1\n"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := StringConstants(manifest); err == nil {
		t.Error("a constant that another file declares was evaluated without that file")
	}
}
