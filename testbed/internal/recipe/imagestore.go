package recipe

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/oci"
)

//go:embed node/import.sh
var importScript string

// imageStore is a layer with containerd's store, which holds images unpacked. containerd itself has to make it,
// in a container of the node that it is for.
type imageStore struct {
	node   oci.Image
	images []oci.Image
}

// Name implements artifact.Artifact.
func (s imageStore) Name() string { return "layer-image-store" }

// Key implements artifact.Artifact.
func (s imageStore) Key() (string, error) {
	parts := []string{"image store 1", importScript}
	for _, image := range append([]oci.Image{s.node}, s.images...) {
		key, err := image.Key()
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	return artifact.Key(parts...), nil
}

// Needs implements artifact.Composite.
func (s imageStore) Needs() []artifact.Artifact {
	needs := slices.Clone(s.node.Layers)
	for _, image := range s.images {
		needs = append(needs, image.Layers...)
	}
	return needs
}

// Build implements artifact.Artifact.
func (s imageStore) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	archive := map[name.Tag]v1.Image{}
	for _, image := range s.images {
		tag, err := name.NewTag(image.Ref)
		if err != nil {
			return err
		}
		if archive[tag], err = image.Assemble(ctx, cache); err != nil {
			return err
		}
	}
	node, err := s.node.Assemble(ctx, cache)
	if err != nil {
		return err
	}
	if _, err := engine.Load(ctx, s.node.Ref, node); err != nil {
		return err
	}
	defer engine.Run(context.WithoutCancel(ctx), "image", "rm", s.node.Ref)

	// containerd cannot unpack onto the container's own file system, which is an overlay, hence the volume.
	container := fmt.Sprintf("istio-lab-testbed-import-%d", os.Getpid())
	cmd := exec.CommandContext(ctx, "docker", "run", "--rm", "--name", container, "--interactive", "--privileged",
		"--network", "none", "--volume", "/store", "--entrypoint", "/bin/bash", s.node.Ref, "-c", importScript,
		"import", kubernetesVersion)
	// An interrupted docker run leaves its container.
	defer engine.Run(context.WithoutCancel(ctx), "rm", "--force", "--volumes", container)
	input, images := io.Pipe()
	defer input.Close()
	go func() { images.CloseWithError(tarball.MultiWrite(archive, images)) }()
	cmd.Stdin = input
	return oci.WriteOutput(dir, cmd, inStore)
}

// inStore is where a node has a file of containerd's folder.
func inStore(name string) string { return path.Join("var/lib/containerd", name) }
