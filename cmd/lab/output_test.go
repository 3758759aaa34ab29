package main

import (
	"bytes"
	"strings"
	"testing"
)

var values = map[string]any{
	"lab":  "multicluster",
	"urls": map[string]any{"ingress west-03": "http://127.0.0.1:30030"},
	"clusters": map[string]any{
		"west-03": map[string]any{"kubeconfig": "secret", "internalKubeconfig": "secret inside"},
		"east-03": map[string]any{"kubeconfig": "secret", "internalKubeconfig": "secret inside"},
	},
}

func TestAClusterIsFoundByItsNameAndByTheManuals(t *testing.T) {
	for cluster, want := range map[string]string{"west-03": "secret inside", "west": "secret inside"} {
		if got, err := clusterKubeconfig(values, cluster, true); err != nil || got != want {
			t.Errorf("%s: %q, %v", cluster, got, err)
		}
	}
	if got, err := clusterKubeconfig(values, "west", false); err != nil || got != "secret" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := clusterKubeconfig(values, "north", false); err == nil || !strings.Contains(err.Error(), "east-03, west-03") {
		t.Error(err)
	}
}

func TestOneOutputIsPrintedAsItIs(t *testing.T) {
	for name, want := range map[string]string{"lab": "multicluster\n", "urls": "ingress west-03: http://127.0.0.1:30030\n"} {
		var out bytes.Buffer
		if err := printOutputs(&out, values, name, false); err != nil || out.String() != want {
			t.Errorf("%q, %v", &out, err)
		}
	}
	if err := printOutputs(&bytes.Buffer{}, values, "nope", false); err == nil || !strings.Contains(err.Error(), "clusters, lab, urls") {
		t.Error(err)
	}
}

func TestTheEndOfAnUpNamesWhatToOpenAndNoSecret(t *testing.T) {
	var out bytes.Buffer
	printLab(&out, invocation("/tmp/go-build1/b001/exe/lab"), "dev", values)
	for _, part := range []string{"http://127.0.0.1:30030", "go run ./cmd/lab kubeconfig --stack dev west-03 >west-03-kubeconfig"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%s does not say %q", &out, part)
		}
	}
	if strings.Contains(out.String(), "secret") {
		t.Error("a secret is printed")
	}
}
