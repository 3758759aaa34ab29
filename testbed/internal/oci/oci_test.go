package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"istio-lab/testbed/internal/artifact"
)

func sample() Files {
	return Files{Title: "sample", Files: []File{
		Program("usr/local/bin/tool", Text("#!/bin/sh\n")),
		Data("etc/tool/config", Text("a = 1\n")),
		Link("usr/bin/tool", "../local/bin/tool"),
		Folder("var/lib/tool", 0o700),
	}}
}

func assemble(t *testing.T, files Files) v1.Image {
	t.Helper()
	cache := artifact.Open(t.TempDir(), nil, func(string, ...any) {})
	image, err := Image{
		Ref:    "example.org/tool:1",
		Layers: []artifact.Artifact{files},
		Config: v1.Config{Entrypoint: []string{"/usr/local/bin/tool"}, User: "1000"},
	}.Assemble(t.Context(), cache)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func digest(t *testing.T, image v1.Image) v1.Hash {
	t.Helper()
	d, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheSameFilesMakeTheSameImageWhateverTheirOrder(t *testing.T) {
	first, turned := sample(), sample()
	slices.Reverse(turned.Files)
	if a, b := digest(t, assemble(t, first)), digest(t, assemble(t, turned)); a != b {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestAnyChangeOfAFileMakesAnotherLayerAndAnotherKey(t *testing.T) {
	original := sample()
	key, _ := original.Key()
	image := digest(t, assemble(t, original))
	for name, change := range map[string]func(*Files){
		"content": func(l *Files) { l.Files[0].Content = Text("#!/bin/bash\n") },
		"mode":    func(l *Files) { l.Files[0].Mode = 0o700 },
		"path":    func(l *Files) { l.Files[1].Path = "etc/tool/other" },
		"link":    func(l *Files) { l.Files[2].Link = "/usr/local/bin/tool" },
		"fewer":   func(l *Files) { l.Files = l.Files[:3] },
	} {
		changed := sample()
		change(&changed)
		if got, _ := changed.Key(); got == key {
			t.Errorf("%s: the key stayed", name)
		}
		if digest(t, assemble(t, changed)) == image {
			t.Errorf("%s: the image stayed", name)
		}
	}
}

func TestALayerIsWhatItsDescriptionSays(t *testing.T) {
	image := assemble(t, sample())
	// Its check of what is in the layers expects gzip.
	if err := validate.Image(image, validate.Fast); err != nil {
		t.Error(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	layer := layers[0]
	content, err := layer.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	hash, size, err := v1.SHA256(content)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := layer.Digest(); err != nil || digest != hash {
		t.Errorf("the digest is %s (%v), not %s", digest, err, hash)
	}
	if id, err := layer.DiffID(); err != nil || id != hash {
		t.Errorf("the ID of what is in it is %s (%v), not %s", id, err, hash)
	}
	if said, err := layer.Size(); err != nil || said != size {
		t.Errorf("the size is %d (%v), not %d", said, err, size)
	}
}

func TestAFolderComesOnceAndBeforeWhatIsInIt(t *testing.T) {
	layers, err := assemble(t, sample()).Layers()
	if err != nil {
		t.Fatal(err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	names := list(t, content)
	want := []string{
		"etc/", "etc/tool/", "etc/tool/config",
		"usr/", "usr/bin/", "usr/bin/tool", "usr/local/", "usr/local/bin/", "usr/local/bin/tool",
		"var/", "var/lib/", "var/lib/tool/",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got  %q\nwant %q", names, want)
	}
}

// list returns the names in an archive, with the targets of links.
func list(t *testing.T, archive io.Reader) (names []string) {
	t.Helper()
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if !header.ModTime.Equal(Epoch) {
			t.Errorf("%s has the time %s", header.Name, header.ModTime)
		}
		if header.Typeflag == tar.TypeLink {
			header.Name += " -> " + header.Linkname
		}
		names = append(names, header.Name)
	}
}

func TestFilesOfAnArchiveGetTheirPlaceOrAreLeftOut(t *testing.T) {
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, header := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755},
		{Typeflag: tar.TypeDir, Name: "./bin/", Mode: 0o755},
		{Typeflag: tar.TypeReg, Name: "./bin/a", Mode: 0o755},
		{Typeflag: tar.TypeLink, Name: "./bin/b", Linkname: "./bin/a"},
		{Typeflag: tar.TypeReg, Name: "./unwanted"},
	} {
		if err := writer.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := NewWriter(dir)
	if err != nil {
		t.Fatal(err)
	}
	place := func(name string) string {
		if name == "unwanted" {
			return ""
		}
		return path.Join("opt", name)
	}
	if err := errors.Join(w.AddArchive(&archive, place), w.Close()); err != nil {
		t.Fatal(err)
	}
	made, err := openLayer(dir)
	if err != nil {
		t.Fatal(err)
	}
	content, err := made.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if got, want := list(t, content), []string{"opt/", "opt/bin/", "opt/bin/a", "opt/bin/b -> opt/bin/a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnImageRunsAsItsRecipeSays(t *testing.T) {
	file, err := assemble(t, sample()).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.OS != "linux" || file.Config.User != "1000" || !slices.Equal(file.Config.Env, []string{searchPath}) {
		t.Errorf("got %+v", file)
	}
}
