package recipe

import (
	"context"
	_ "embed"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
)

//go:embed import.sh
var importScript string

// imageStore is the layer with containerd's store of images. As in kind's own images they are packed: a node unpacks one when a
// container needs it.
type imageStore struct{ node nodeVersion }

// Name implements artifact.Artifact.
func (s imageStore) Name() string { return "layer-image-store-" + s.node.name }

// Key implements artifact.Artifact.
func (s imageStore) Key() (string, error) {
	parts := []string{"image store 2", oci.Format, importScript, s.node.version}
	for _, program := range s.programs() {
		key, err := program.Key()
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	for _, image := range s.node.preloaded() {
		key, err := image.Key()
		if err != nil {
			return "", err
		}
		parts = append(parts, key)
	}
	return artifact.Key(parts...), nil
}

// programs run on this machine to make the store.
func (s imageStore) programs() []artifact.Artifact {
	return []artifact.Artifact{s.node.containerd, s.node.kubernetes}
}

// Needs implements artifact.Composite.
func (s imageStore) Needs() []artifact.Artifact {
	needs := s.programs()
	for _, image := range s.node.preloaded() {
		needs = append(needs, image.Layers...)
	}
	return needs
}

// Build implements artifact.Artifact.
func (s imageStore) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	var refs []string
	archive := map[name.Tag]v1.Image{}
	for _, image := range s.node.preloaded() {
		tag, err := name.NewTag(image.Ref)
		if err != nil {
			return err
		}
		if archive[tag], err = image.Assemble(ctx, cache); err != nil {
			return err
		}
		refs = append(refs, image.Ref)
	}
	var folders []string
	for _, program := range s.programs() {
		folder, err := cache.Get(ctx, program)
		if err != nil {
			return err
		}
		folders = append(folders, folder)
	}
	// The path of a socket must be short, and the store should not need room twice.
	run, err := os.MkdirTemp("", "istio-lab-testbed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(run)
	store := filepath.Join(dir, "store")
	defer os.RemoveAll(store)

	cmd := exec.CommandContext(ctx, "bash", append([]string{"-c", importScript, "import", run, store, s.node.version}, refs...)...)
	cmd.Env = append(os.Environ(), "PATH="+strings.Join(append(folders, os.Getenv("PATH")), ":"))
	// It ends containerd when it is asked to stop.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	fed := artifact.Feed(cmd, func(input io.Writer) error { return tarball.MultiWrite(archive, input) })
	return fed(oci.WriteOutput(dir, cmd, inStore))
}

// inStore is where a node has a file of containerd's folder.
func inStore(name string) string { return path.Join("var/lib/containerd", name) }
