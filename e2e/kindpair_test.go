//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/network"
	"sigs.k8s.io/yaml"

	"istio-lab/internal/release"
)

// kindPair is two clusters that kind makes and deletes at the same time.
type kindPair struct {
	names         []string
	config, image string
	// kubeconfigs is the folder of their kubeconfigs, by name: two kinds at once do not wait for each other's lock of one file.
	kubeconfigs string
}

// newKindPair describes clusters of the given names, and of the bed's node image. The folders are those of this host that their nodes
// have, by the nodes' own paths. All that kind makes goes with the test.
func newKindPair(t testing.TB, folders map[string]string, names ...string) kindPair {
	t.Helper()
	settings, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	k := kindPair{names: names, image: bedRelease(t).Images[release.Node], kubeconfigs: t.TempDir()}
	var mounts []any
	for there, here := range folders {
		mounts = append(mounts, map[string]any{"hostPath": here, "containerPath": there})
	}
	config := map[string]any{
		"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4",
		"nodes": []any{map[string]any{"role": "control-plane", "extraMounts": mounts}},
		// kind leaves it to its users to allow cgroup v1.
		"kubeadmConfigPatches": []any{"kind: KubeletConfiguration\nfailCgroupV1: false\n"},
	}
	containerd := []any{"[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n"}
	if kubelet, _ := settings["kubelet"].(map[string]any); kubelet["featureGates"] != nil {
		config["featureGates"] = kubelet["featureGates"]
		// The bed's feature gate is for machines that keep a node's processes from what containerd does by default.
		containerd = append(containerd, "[plugins.\"io.containerd.grpc.v1.cri\"]\n  restrict_oom_score_adj = true\n")
	}
	config["containerdConfigPatches"] = containerd
	text, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	k.config = filepath.Join(t.TempDir(), "kind.yaml")
	if err := os.WriteFile(k.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// kind leaves its network behind.
	d := mustDocker(t)
	_, err = d.NetworkInspect(t.Context(), "kind", network.InspectOptions{})
	had := err == nil
	t.Cleanup(func() {
		k.delete(t)
		if !had {
			if err := d.NetworkRemove(context.Background(), "kind"); err != nil {
				t.Error(err)
			}
		}
	})
	k.delete(t) // what a killed run has left
	return k
}

func (k kindPair) create(t testing.TB) time.Duration {
	return k.each(t, "create", "cluster", "--wait=120s", "--image="+k.image, "--config="+k.config)
}

func (k kindPair) delete(t testing.TB) time.Duration { return k.each(t, "delete", "cluster") }

// each runs kind for both clusters at once.
func (k kindPair) each(t testing.TB, args ...string) time.Duration {
	t.Helper()
	start := time.Now()
	var group sync.WaitGroup
	for _, name := range k.names {
		command, err := kindCommand(t, append(slices.Clone(args), "--name="+name, "--kubeconfig="+filepath.Join(k.kubeconfigs, name))...)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			if _, err := output(command); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	return time.Since(start)
}
