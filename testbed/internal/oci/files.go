package oci

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"istio-lab/testbed/internal/artifact"
)

// Files is a layer of single files.
type Files struct {
	Title string
	Files []File
}

// File is a file, a symbolic link or a folder of a layer.
type File struct {
	// Path is where it is in the image, without a leading slash.
	Path string
	// Mode is its permissions.
	Mode int64
	// Content makes it a file.
	Content artifact.Source
	// Link makes it a symbolic link to this place.
	Link string
}

// Program is a file that can be executed.
func Program(path string, content artifact.Source) File {
	return File{Path: path, Mode: 0o755, Content: content}
}

// Data is a file that everyone can read.
func Data(path string, content artifact.Source) File {
	return File{Path: path, Mode: 0o644, Content: content}
}

// Link is a symbolic link.
func Link(path, target string) File { return File{Path: path, Mode: 0o777, Link: target} }

// Folder is an empty folder.
func Folder(path string, mode int64) File { return File{Path: path, Mode: mode} }

// Name implements artifact.Artifact.
func (l Files) Name() string { return "layer-" + l.Title }

// Key implements artifact.Artifact.
func (l Files) Key() (string, error) {
	parts := []string{"files 1", Format}
	for _, file := range l.Files {
		parts = append(parts, file.Path, fmt.Sprintf("%o", file.Mode), file.Link)
		if file.Content != nil {
			key, err := file.Content.Key()
			if err != nil {
				return "", err
			}
			parts = append(parts, key)
		}
	}
	return artifact.Key(parts...), nil
}

// Needs implements artifact.Composite.
func (l Files) Needs() []artifact.Artifact {
	var sources []artifact.Source
	for _, file := range l.Files {
		sources = append(sources, file.Content)
	}
	return artifact.Needs(sources...)
}

// Build implements artifact.Artifact.
func (l Files) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	w, err := NewWriter(dir)
	if err != nil {
		return err
	}
	files := slices.Clone(l.Files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	seen := map[string]bool{".": true}
	for _, file := range files {
		if err := file.write(ctx, cache, w, seen); err != nil {
			w.file.Close()
			return fmt.Errorf("%s: %w", file.Path, err)
		}
	}
	return w.Close()
}

// write adds the file after those of its folders that the layer does not have yet.
func (f File) write(ctx context.Context, cache *artifact.Cache, w *Writer, seen map[string]bool) error {
	var missing []string
	for dir := path.Dir(f.Path); !seen[dir]; dir = path.Dir(dir) {
		missing = append(missing, dir)
		seen[dir] = true
	}
	for _, dir := range slices.Backward(missing) {
		if err := w.Add(tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}, nil); err != nil {
			return err
		}
	}
	switch {
	case f.Link != "":
		return w.Add(tar.Header{Typeflag: tar.TypeSymlink, Name: f.Path, Linkname: f.Link, Mode: f.Mode}, nil)
	case f.Content == nil:
		seen[f.Path] = true
		return w.Add(tar.Header{Typeflag: tar.TypeDir, Name: f.Path + "/", Mode: f.Mode}, nil)
	}
	content, size, err := f.Content.Open(ctx, cache)
	if err != nil {
		return err
	}
	defer content.Close()
	return w.Add(tar.Header{Typeflag: tar.TypeReg, Name: f.Path, Mode: f.Mode, Size: size}, content)
}

// Text is content known beforehand.
type Text string

// Key implements artifact.Source.
func (t Text) Key() (string, error) { return artifact.Key(string(t)), nil }

// Open implements artifact.Source.
func (t Text) Open(context.Context, *artifact.Cache) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader(string(t))), int64(len(t)), nil
}
