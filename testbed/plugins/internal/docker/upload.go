package docker

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// upload is a file that is put into a container before it starts: a text, or a file of the host.
type upload struct {
	File        string `json:"file" docker:"required" match:"/.*"`
	Permissions string `json:"permissions" match:"0[0-7]{3}"`
	Content     string `json:"content"`
	Source      string `json:"source"`
	SourceHash  string `json:"sourceHash"`
	Executable  bool   `json:"executable" docker:"fixed" default:"false"`
}

// copyInto puts files into a container, with the folders they lie in.
func copyInto(ctx context.Context, docker *client.Client, id string, uploads []upload) error {
	if len(uploads) == 0 {
		return nil
	}
	archive, err := archiveOf(uploads)
	if err != nil {
		return fmt.Errorf("does not get its files: %w", err)
	}
	_, err = docker.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: "/", Content: archive})
	if err != nil {
		return fmt.Errorf("does not get its files: %w", err)
	}
	return nil
}

func archiveOf(uploads []upload) (*bytes.Buffer, error) {
	archive := &bytes.Buffer{}
	w := tar.NewWriter(archive)
	for _, u := range uploads {
		content, err := u.read()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", u.File, err)
		}
		mode, err := strconv.ParseInt(cmp.Or(u.Permissions, "0644"), 8, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: permissions: %w", u.File, err)
		}
		header := &tar.Header{Name: strings.TrimPrefix(u.File, "/"), Mode: mode, Size: int64(len(content)), ModTime: time.Now()}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("%s: %w", u.File, err)
		}
		if _, err := w.Write(content); err != nil {
			return nil, fmt.Errorf("%s: %w", u.File, err)
		}
	}
	return archive, w.Close()
}

func (u upload) read() ([]byte, error) {
	if (u.Content == "") == (u.Source == "") {
		return nil, fmt.Errorf("either content or source is wanted")
	}
	if u.Source != "" {
		return os.ReadFile(u.Source)
	}
	return []byte(u.Content), nil
}
