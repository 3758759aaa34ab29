// Package oci makes image layers from files, and images from layers, so that the same inputs give the same digests.
package oci

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Epoch is the time of every file in a layer.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	layerFile       = "layer.tar"
	descriptionFile = "layer.json"
)

// Format belongs into the key of every artifact that a Writer writes; it changes with the files that those are.
const Format = "layer 2"

// description is what the layer's file would have to be read for.
type description struct {
	Digest v1.Hash
	Size   int64
}

// Writer writes a layer into a folder. It is not compressed: it travels no further than this machine, where every node would take five seconds
// of CPU time to decompress what it runs.
type Writer struct {
	tar    *tar.Writer
	buffer *bufio.Writer
	file   *os.File
	dir    string
	hash   hash.Hash
}

// NewWriter starts a layer in dir.
func NewWriter(dir string) (*Writer, error) {
	file, err := os.Create(filepath.Join(dir, layerFile))
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file, dir: dir, hash: sha256.New()}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(file, w.hash), 1<<20)
	w.tar = tar.NewWriter(w.buffer)
	return w, nil
}

// Add adds a file. Its times and the names of its owner are left out.
func (w *Writer) Add(header tar.Header, content io.Reader) error {
	header.ModTime, header.AccessTime, header.ChangeTime = Epoch, time.Time{}, time.Time{}
	header.Uname, header.Gname = "", ""
	header.Format = tar.FormatUnknown
	if err := w.tar.WriteHeader(&header); err != nil {
		return fmt.Errorf("writing %s to a layer: %w", header.Name, err)
	}
	if content == nil {
		return nil
	}
	if _, err := io.Copy(w.tar, content); err != nil {
		return fmt.Errorf("writing %s to a layer: %w", header.Name, err)
	}
	return nil
}

// AddArchive adds the files of an archive, each under the place that it is given by its clean, relative name;
// one without a place is left out.
func (w *Writer) AddArchive(archive io.Reader, place func(name string) string) error {
	reader := tar.NewReader(archive)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			// What follows the end of an archive is padding, and whoever writes it waits for a reader.
			_, err := io.Copy(io.Discard, archive)
			return err
		}
		if err != nil {
			return fmt.Errorf("reading an archive of files: %w", err)
		}
		if header.Name = place(path.Clean(header.Name)); header.Name == "" {
			continue
		}
		switch header.Typeflag {
		case tar.TypeDir:
			header.Name += "/"
		case tar.TypeLink:
			header.Linkname = place(path.Clean(header.Linkname))
		}
		if err := w.Add(*header, reader); err != nil {
			return err
		}
	}
}

// Close completes the layer.
func (w *Writer) Close() error {
	for _, step := range []func() error{w.tar.Close, w.buffer.Flush} {
		if err := step(); err != nil {
			w.file.Close()
			return err
		}
	}
	info, err := w.file.Stat()
	if err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	text, err := json.Marshal(description{Digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(w.hash.Sum(nil))}, Size: info.Size()})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, descriptionFile), text, 0o644)
}

// layer is a layer that a Writer wrote.
type layer struct {
	description
	path string
}

func openLayer(dir string) (v1.Layer, error) {
	text, err := os.ReadFile(filepath.Join(dir, descriptionFile))
	if err != nil {
		return nil, err
	}
	l := layer{path: filepath.Join(dir, layerFile)}
	if err := json.Unmarshal(text, &l.description); err != nil {
		return nil, fmt.Errorf("%s in %s: %w", descriptionFile, dir, err)
	}
	return l, nil
}

func (l layer) Digest() (v1.Hash, error)             { return l.description.Digest, nil }
func (l layer) DiffID() (v1.Hash, error)             { return l.description.Digest, nil }
func (l layer) Size() (int64, error)                 { return l.description.Size, nil }
func (l layer) MediaType() (types.MediaType, error)  { return types.DockerUncompressedLayer, nil }
func (l layer) Compressed() (io.ReadCloser, error)   { return os.Open(l.path) } // that is, as it is stored
func (l layer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.path) }
