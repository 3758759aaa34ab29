//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/image"
	"k8s.io/client-go/tools/clientcmd"
)

// loadedImage is an image of the suite's own: a single small file.
const loadedImage = "istio-lab-e2e/loaded:v1"

func kindKnowsTheClusters(t *testing.T, s *stack) {
	makeImage(t, loadedImage)
	known := strings.Fields(kind(t, "get", "clusters"))
	for _, c := range s.members(t) {
		if !slices.Contains(known, c.Name) {
			t.Errorf("kind does not know %s, but %q", c.Name, known)
		}
		if nodes := strings.Fields(kind(t, "get", "nodes", "--name", c.Name)); !slices.Equal(nodes, []string{c.Node}) {
			t.Errorf("kind knows the nodes %q of %s", nodes, c.Name)
		}
		viaKind := newCluster(t, c.Cluster.Cluster, kind(t, "get", "kubeconfig", "--name", c.Name))
		if _, err := viaKind.NodeReady(t.Context()); err != nil {
			t.Errorf("by the kubeconfig that kind gives: %v", err)
		}
		kind(t, "load", "docker-image", loadedImage, "--name", c.Name)
		images, err := inContainer(t.Context(), c.Node, "ctr", "--namespace=k8s.io", "images", "ls", "-q")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(images, loadedImage) {
			t.Errorf("%s is not among the images of %s:\n%s", loadedImage, c.Node, images)
		}
	}
}

// makeImage puts an image into the engine, and takes it out after the test.
func makeImage(t *testing.T, reference string) {
	t.Helper()
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	content := []byte("loaded by kind\n")
	if err := archive.WriteHeader(&tar.Header{Name: "readme", Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	d := mustDocker(t)
	source := image.ImportSource{Source: &layer, SourceName: "-"}
	progress, err := d.ImageImport(t.Context(), source, reference, image.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer progress.Close()
	if _, err := io.Copy(io.Discard, progress); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := d.ImageRemove(context.Background(), reference, image.RemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func kubeconfigsWork(t *testing.T, s *stack) {
	out := s.outputs(t)
	// What a person sees without asking for secrets.
	shown := s.lab(t, "output", "--json").stdout
	for _, c := range s.members(t) {
		if _, err := c.NodeReady(t.Context()); err != nil {
			t.Errorf("by the host's kubeconfig: %v", err)
		}
		host, internal := out.Clusters[c.Name].Kubeconfig, out.Clusters[c.Name].InternalKubeconfig
		if host == "" || internal == "" || strings.Contains(shown, "client-key-data") {
			t.Errorf("the kubeconfigs of %s are not secret outputs:\n%s", c.Name, shown)
		}
		config, err := clientcmd.RESTConfigFromKubeConfig([]byte(internal))
		if err != nil {
			t.Fatal(err)
		}
		if want := "https://" + c.Node + ":6443"; config.Host != want || !bytes.Equal(config.CAData, c.Config.CAData) {
			t.Errorf("the internal kubeconfig of %s is for %s, not for %s with the cluster's CA", c.Name, config.Host, want)
		}
		// A container on the network finds that name, and the server behind it has a certificate of the CA for it.
		ask := fmt.Sprintf("printf %%s '%s' > /tmp/ca.crt && curl -sS --max-time 10 --cacert /tmp/ca.crt %s/version",
			config.CAData, config.Host)
		version, err := inContainer(t.Context(), s.slot.Client.Name, "sh", "-c", ask)
		if err != nil || !strings.Contains(version, "gitVersion") {
			t.Errorf("%s does not reach %s: %v %s", s.slot.Client.Name, config.Host, err, version)
		}
	}
}

// published is where a NodePort of a cluster is reached on this host.
func published(node int32, c *cluster) string {
	for _, port := range c.Ports {
		if port.Node == int(node) {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port.Host))
		}
	}
	return ""
}
