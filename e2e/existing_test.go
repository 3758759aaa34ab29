//go:build e2e

package e2e

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/network"

	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// theirs are two clusters that the kind command has made, with a load balancer that is not the lab's either.
type theirs struct {
	kindPair
	// files is a folder of this host that the nodes have as /files.
	files string
}

// newTheirs makes the clusters. Each has the ranges for pods and services that kind gives every cluster.
func newTheirs(t *testing.T) theirs {
	settings, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	files, certificates := t.TempDir(), t.TempDir()
	mirrors, _ := settings["mirrors"].(map[string]any)
	for registry, url := range mirrors {
		hosts := fmt.Sprintf("[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", url)
		write(t, filepath.Join(certificates, registry, "hosts.toml"), hosts)
	}
	k := theirs{newKindPair(t, map[string]string{"/files": files, "/etc/containerd/certs.d": certificates}, "e2e-theirs-1", "e2e-theirs-2"), files}
	note(t, "kind create: %s", k.create(t).Round(time.Second))
	if t.Failed() {
		t.FailNow()
	}
	metallb, err := manifest.Fetch(t.Context(), bedRelease(t).Manifests[release.MetalLB])
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(files, "metallb.yaml"), string(metallb))
	for i, name := range k.names {
		k.kubectl(t, name, "apply", "-f", "/files/metallb.yaml")
		file := fmt.Sprintf("pool-%d.yaml", i)
		write(t, filepath.Join(files, file), pool(t, i))
		eventually(t, 2*time.Minute, func(ctx context.Context) error { // its webhook has to serve first
			_, err := k.tryKubectl(ctx, name, "apply", "-f", "/files/"+file)
			return err
		})
	}
	return k
}

// pool is a MetalLB pool of its own for each cluster, from the end of kind's network.
func pool(t *testing.T, i int) string {
	t.Helper()
	found, err := mustDocker(t).NetworkInspect(t.Context(), "kind", network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range found.IPAM.Config {
		subnet, err := netip.ParsePrefix(config.Subnet)
		if err != nil || !subnet.Addr().Is4() || subnet.Bits() > 24 {
			continue
		}
		// The last /24 of the network: Docker gives a container the first address that is free.
		b := subnet.Masked().Addr().As4()
		last := binary.BigEndian.Uint32(b[:]) | (1<<(32-subnet.Bits()) - 1)
		binary.BigEndian.PutUint32(b[:], last)
		return fmt.Sprintf(`apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: theirs, namespace: metallb-system}
spec: {addresses: [%d.%d.%d.%[4]d-%[1]d.%[2]d.%[3]d.%[5]d]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: theirs, namespace: metallb-system}
`, b[0], b[1], b[2], 100+50*i, 120+50*i)
	}
	t.Fatalf("kind's network has no IPv4 /24 or larger: %v", found.IPAM.Config)
	return ""
}

func write(t *testing.T, file, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kubectl runs the node's own kubectl, and returns what it prints.
func (k theirs) kubectl(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := k.tryKubectl(t.Context(), name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (k theirs) tryKubectl(ctx context.Context, name string, args ...string) (string, error) {
	return kubectl(ctx, name+"-control-plane", args...)
}

// content names what is in the clusters and of no namespace, and what can be there to do harm.
func (k theirs) content(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, name := range k.names {
		all.WriteString(k.kubectl(t, name, "get", "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,"+
			"mutatingwebhookconfigurations,validatingwebhookconfigurations", "-o=name"))
		all.WriteString(k.kubectl(t, name, "get", "deployments,services,jobs,secrets,pods", "--all-namespaces", "-o=name"))
	}
	return all.String()
}

// labFile is the setting lab: the bed's without what is about nodes of the lab's own, and the clusters.
func (k theirs) labFile(t *testing.T, clusters map[string]any) string {
	t.Helper()
	of, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	of = maps.Clone(of)
	for _, own := range []string{"mirrors", "kubelet", "listenAddress", "networks"} {
		delete(of, own)
	}
	of["clusters"] = clusters
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "lab.json")
	write(t, file, string(text))
	return file
}

// cluster is one of the clusters as lab.clusters names it.
func (k theirs) cluster(i int) map[string]any {
	return map[string]any{"kubeconfig": filepath.Join(k.kubeconfigs, k.names[i]), "context": "kind-" + k.names[i]}
}

// TestALabOnClustersThatAreThere puts the mesh on two clusters that kind has made, lets the ladder look at it, and takes it away; then
// chapter 14 on the first of them.
func TestALabOnClustersThatAreThere(t *testing.T) {
	parallel(t, 2, 5*time.Minute)
	k := newTheirs(t)
	before := k.content(t)
	s := newStack(t, "e2e-existing", 87)
	settingsOf := []string{"--student=87", "--release=" + provenRelease, "--lab-file=" + k.labFile(t, map[string]any{"west": k.cluster(0), "east": k.cluster(1)})}

	run(t, "what would harm a cluster is refused", func(t *testing.T) {
		k.kubectl(t, k.names[1], "create", "namespace", "istioinaction")
		_, err := s.tryLab(t.Context(), t, "up", settingsOf...)
		if err == nil || !strings.Contains(err.Error(), "lab.clusters.east: the Namespace istioinaction is there, and this stack did not make it") {
			t.Errorf("a namespace of somebody else's is taken: %v", err)
		}
		k.kubectl(t, k.names[1], "delete", "namespace", "istioinaction")
		if now := k.content(t); now != before {
			t.Errorf("something was made:\n%s\nbefore:\n%s", now, before)
		}
	})
	run(t, "no claim is true before its stage", func(t *testing.T) {
		s.lab(t, "up", append(settingsOf, "--stage="+string(settings.Apps))...)
		for stage, objection := range s.notYet(t, time.Minute) {
			note(t, "%s: %s", stage, tail(objection))
		}
	})
	run(t, "the mesh is sound, and a failing backend is taken over by the other cluster's", func(t *testing.T) {
		s.lab(t, "up", last, "--set=westBackendFails=true")
		s.sound(t)
		s.unchanged(t)
		s.keepsSecrets(t, 5) // the users' of two kubeconfigs, and those of the trust
	})
	run(t, "rarely: a sound backend is not taken over", func(t *testing.T) {
		s.lab(t, "up", "--set=westBackendFails=false")
		s.sound(t)
	})
	run(t, "another stack is refused", func(t *testing.T) {
		other := newStack(t, "e2e-existing-too", 88)
		_, err := other.tryLab(t.Context(), t, "up", "--student=88", settingsOf[1], settingsOf[2])
		if err == nil || !strings.Contains(err.Error(), "is of the stack organization/istio-lab/e2e-existing of ") {
			t.Errorf("two stacks share a cluster: %v", err)
		}
	})
	run(t, "destroy takes away what the lab has made, and nothing else", func(t *testing.T) {
		s.lab(t, "destroy", "--yes")
		k.hold(t, before)
	})
	run(t, "chapter 14 is sound up to its last stage but one, and forgotten when its cluster is gone", func(t *testing.T) {
		one := newStack(t, "e2e-existing-one", 88)
		one.lab(t, "up", "--student=88", "--release="+provenRelease, "--scenario=extension", "--lab-file="+k.labFile(t, map[string]any{"myk8s": k.cluster(0)}))
		one.sound(t)
		k.delete(t)
		const variable = "PULUMI_K8S_DELETE_UNREACHABLE"
		if _, err := one.tryLab(t.Context(), t, "destroy", "--yes"); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("a cluster that may come back is forgotten: %v", err)
		}
		one.variables = []string{variable + "=true"}
		one.lab(t, "refresh")
		one.lab(t, "destroy", "--yes")
		if state, err := one.checkpoint(); err != nil || len(state.Resources) > 1 { // the stack itself
			t.Errorf("of a cluster that is gone, %d resources are left (%v)", len(state.Resources), err)
		}
	})
}

// hold fails the test unless the clusters have what they had before.
func (k theirs) hold(t *testing.T, before string) {
	t.Helper()
	eventually(t, time.Minute, func(context.Context) error { // pods take their time to end
		if now := k.content(t); now != before {
			return fmt.Errorf("the clusters have:\n%s\nbefore:\n%s", now, before)
		}
		return nil
	})
}
