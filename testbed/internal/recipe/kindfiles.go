package recipe

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// kindFiles is the layer of what kind puts on a node: the files of its base image and its manifests, unchanged, and what its build
// sets up by commands. The commands are those of images/base/Dockerfile and pkg/build/nodeimage in kind's module.
type kindFiles struct{ node nodeVersion }

// Name implements artifact.Artifact.
func (k kindFiles) Name() string { return "layer-kind-files-" + k.node.name }

// Key implements artifact.Artifact.
func (k kindFiles) Key() (string, error) {
	kind, err := k.node.kind.Key()
	if err != nil {
		return "", err
	}
	containerd, err := k.node.containerd.Key()
	return artifact.Key("kind files 1", oci.Format, kind, containerd, k.node.version), err
}

// Needs implements artifact.Composite.
func (k kindFiles) Needs() []artifact.Artifact { return []artifact.Artifact{k.node.containerd} }

// Build implements artifact.Artifact.
func (k kindFiles) Build(ctx context.Context, cache *artifact.Cache, dir string) error {
	files, err := k.files(ctx)
	if err != nil {
		return err
	}
	specification, err := k.containerSpecification(ctx, cache)
	if err != nil {
		return err
	}
	files = append(files, oci.Data("etc/containerd/cri-base.json", oci.Text(specification)))
	return oci.Files{Title: k.Name(), Files: files}.Build(ctx, cache, dir)
}

// files are all files of the layer but for the one that containerd's own program writes.
func (k kindFiles) files(ctx context.Context) ([]oci.File, error) {
	module, err := k.node.kind.Download(ctx)
	if err != nil {
		return nil, err
	}
	files, err := k.baseFiles(filepath.Join(module, "images/base/files"))
	if err != nil {
		return nil, err
	}
	manifests, err := kindManifests(filepath.Join(module, "pkg/build/nodeimage"))
	if err != nil {
		return nil, err
	}
	const units = "etc/systemd/system/"
	for _, unit := range []string{"kubelet.service", "containerd.service", "undo-mount-hacks.service"} {
		files = append(files, oci.Link(units+"multi-user.target.wants/"+unit, "/"+units+unit))
	}
	return append(files,
		// kind's build has it in journald.conf itself, which is a file of the layer below.
		oci.Data("etc/systemd/journald.conf.d/kind.conf", oci.Text("[Journal]\nReadKMsg=no\n")),
		oci.Link(units+"systemd-binfmt.service", "/dev/null"),
		oci.Link("usr/sbin/init", "/usr/lib/systemd/systemd"),
		oci.Folder("etc/kubernetes/manifests", 0o755),
		oci.File{Path: "kind/version", Mode: 0o600, Content: oci.Text(k.node.version)},
		oci.File{Path: "kind/manifests/default-cni.yaml", Mode: 0o600, Content: oci.Text(manifests.network)},
		oci.File{Path: "kind/manifests/default-storage.yaml", Mode: 0o600, Content: oci.Text(manifests.storage)},
	), nil
}

// baseFiles are the files of kind's base image, with the permissions that its build gives them.
func (k kindFiles) baseFiles(root string) ([]oci.File, error) {
	var files []oci.File
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text := string(content)
		if name == "etc/containerd/config.toml" && minor(k.node.version) < 24 {
			// kubeadm's default before Kubernetes 1.24 is the other cgroup driver.
			text = strings.ReplaceAll(text, "SystemdCgroup = true", "SystemdCgroup = false")
		}
		file := oci.Data(name, oci.Text(text))
		if strings.HasPrefix(name, "usr/local/bin/") || strings.HasPrefix(name, "kind/bin/") {
			file.Mode = 0o755
		}
		files = append(files, file)
		return nil
	})
	return files, err
}

// containerSpecification is what every container of the node starts from: containerd's default without limits of resources, and
// with kind's hook.
func (k kindFiles) containerSpecification(ctx context.Context, cache *artifact.Cache) (string, error) {
	programs, err := cache.Get(ctx, k.node.containerd)
	if err != nil {
		return "", err
	}
	text, err := artifact.Output(exec.CommandContext(ctx, filepath.Join(programs, "ctr"), "oci", "spec"))
	if err != nil {
		return "", err
	}
	return withKindsHook(text)
}

func withKindsHook(text string) (string, error) {
	type object = map[string]any
	var specification object
	if err := json.Unmarshal([]byte(text), &specification); err != nil {
		return "", fmt.Errorf("reading containerd's default specification of a container: %w", err)
	}
	process, isObject := specification["process"].(object)
	if !isObject {
		return "", fmt.Errorf("containerd's default specification of a container has no process: %s", text)
	}
	delete(process, "rlimits")
	hooks, isObject := specification["hooks"].(object)
	if !isObject {
		hooks = object{}
	}
	others, _ := hooks["createContainer"].([]any)
	hooks["createContainer"] = append(others, object{"path": "/kind/bin/mount-product-files.sh"})
	specification["hooks"] = hooks
	changed, err := json.MarshalIndent(specification, "", "  ")
	return string(changed), err
}

// manifests are what kind applies to a new cluster.
type manifests struct{ network, storage string }

// kindManifests reads the manifests, which are constants of kind's package that builds node images.
func kindManifests(dir string) (manifests, error) {
	constants, err := source.StringConstants(filepath.Join(dir, "const_cni.go"), filepath.Join(dir, "const_storage.go"))
	if err != nil {
		return manifests{}, err
	}
	found := manifests{constants["defaultCNIManifest"], constants["defaultStorageManifest"]}
	if found.network == "" || found.storage == "" {
		return manifests{}, fmt.Errorf("%s declares no defaultCNIManifest or no defaultStorageManifest", dir)
	}
	return found, nil
}
