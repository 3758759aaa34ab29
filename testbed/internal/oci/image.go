package oci

import (
	"context"
	"fmt"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"istio-lab/testbed/internal/artifact"
)

// searchPath is the PATH of every image; a program named without a folder is found by it.
const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Image is layers with the way to run them.
type Image struct {
	// Ref is the image's full name, with registry host and tag.
	Ref string
	// Layers are artifacts that hold a layer, the lowest first.
	Layers []artifact.Artifact
	// Config says what runs, as whom. PATH is set for all images.
	Config v1.Config
}

// Key changes with every layer and with the configuration.
func (i Image) Key() (string, error) {
	parts := []string{"image 1", i.Ref, fmt.Sprintf("%+v", i.Config)}
	for _, l := range i.Layers {
		key, err := l.Key()
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	return artifact.Key(parts...), nil
}

// Assemble makes the image, and those of its layers that are missing.
func (i Image) Assemble(ctx context.Context, cache *artifact.Cache) (v1.Image, error) {
	image, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		Architecture: runtime.GOARCH,
		OS:           "linux",
		Created:      v1.Time{Time: Epoch},
		RootFS:       v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	for _, artifact := range i.Layers {
		dir, err := cache.Get(ctx, artifact)
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", i.Ref, err)
		}
		layer, err := openLayer(dir)
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", i.Ref, err)
		}
		image, err = mutate.Append(image, mutate.Addendum{
			Layer:   layer,
			History: v1.History{Created: v1.Time{Time: Epoch}, CreatedBy: artifact.Name()},
		})
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", i.Ref, err)
		}
	}
	config := i.Config
	config.Env = append([]string{searchPath}, config.Env...)
	return mutate.Config(image, config)
}
