package main

import (
	"os/exec"
	"strings"
	"testing"
)

// layers says which packages of the project, and which others, the packages of a layer must not import. Both are prefixes of import paths;
// those of the project are relative to it.
var layers = []struct {
	of   string
	deny []string
	why  string
}{
	{"stacks", []string{"cmd/"}, "the program runs under plain pulumi, too"},
	{"components/", []string{"cmd/", "stacks", "internal/settings", "internal/checks", "internal/preflight"},
		"a component takes what it needs as arguments, and never the stack's settings"},
	{"internal/", []string{"cmd/", "stacks", "components/"}, "what all layers use must not know them"},
	{"internal/statefile", []string{"internal/", "github.com/docker/", "github.com/moby/"}, "it knows Pulumi's files and nothing else"},
	{"internal/terminal", []string{"internal/", "github.com/pulumi/"}, "it shows texts, whatever they are about"},
	{"internal/kubeconfig", []string{"internal/settings", "internal/owner", "github.com/pulumi/"}, "it knows kubeconfigs and nothing of labs"},
}

func TestImportsGoInOneDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	const module = "istio-lab/"
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		paths := strings.Fields(strings.ReplaceAll(line, module, ""))
		for _, layer := range layers {
			if !strings.HasPrefix(paths[0], layer.of) {
				continue
			}
			seen[layer.of] = true
			for _, imported := range paths[1:] {
				for _, denied := range layer.deny {
					if strings.HasPrefix(imported, denied) {
						t.Errorf("%s imports %s: %s", paths[0], imported, layer.why)
					}
				}
			}
		}
	}
	for _, layer := range layers {
		if !seen[layer.of] {
			t.Errorf("there is no package %s any more: take its rule away", layer.of)
		}
	}
}
