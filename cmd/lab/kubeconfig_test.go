package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	kube "istio-lab/internal/kubeconfig"
)

func TestKubeconfigsAreMergedAndTakenOutAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", file)
	access := clientcmd.NewDefaultPathOptions()
	of := func(name, ca string) string {
		return kube.Render(contextOf(name), "https://127.0.0.1:32000", []byte(ca), kube.User{Token: "t"})
	}
	var said bytes.Buffer
	own := of("own", "own")
	if err := mergeKubeconfigs(access, []string{own}, &said); err != nil {
		t.Fatal(err)
	}
	west, east := of("west", "1"), of("east", "2")
	if err := mergeKubeconfigs(access, []string{west, east}, &said); err != nil {
		t.Fatal(err)
	}
	if want := file + ": context kind-east\nthe current context is kind-west\n"; !strings.HasSuffix(said.String(), want) {
		t.Errorf("said %q", &said)
	}
	// Another cluster has taken the name east since.
	if err := mergeKubeconfigs(access, []string{of("east", "3")}, &said); err != nil {
		t.Fatal(err)
	}
	if err := dropKubeconfigs(access, []string{west, east}); err != nil {
		t.Fatal(err)
	}
	left, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(left.Contexts) != 2 || left.Contexts["kind-own"] == nil || left.Contexts["kind-east"] == nil || len(left.AuthInfos) != 2 ||
		len(left.Clusters) != 2 || left.CurrentContext != "kind-east" {
		t.Errorf("left is %+v", left)
	}
}
