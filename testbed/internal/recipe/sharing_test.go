package recipe

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// ownVersions are modules of which a group of programs needs another version than the others, by group and the modules' prefix.
var ownVersions = map[string][]string{
	"..":                    {"k8s.io/", "sigs.k8s.io/", "github.com/go-openapi/"},   // the newest; Kubernetes itself is of the release's version
	"programs/metallb-book": {"go.universe.tf/"},                                     // of another release
	"programs/prometheus":   {"github.com/prometheus/prometheus"},                    // for the others a library, here the program
	"programs/ratelimit":    {"go.opentelemetry.io/contrib/instrumentation/google."}, // newer ones have no interceptors
}

// TestWhatProgramsHaveInCommonIsCompiledOnce compares the go.mod files of all that make up makes: a package is compiled once for all programs
// only if all have the same version of it, and of all that it imports. From empty caches that took all parts from 25 minutes to 15.
func TestWhatProgramsHaveInCommonIsCompiledOnce(t *testing.T) {
	groups, err := filepath.Glob("programs/*")
	if err != nil {
		t.Fatal(err)
	}
	// Of kind only files are taken. What only release book takes has versions of its time.
	for _, group := range []string{"containerd-1.7", "coredns-1.8", "etcd-3.5", "kind", "kind-0.22", "kubernetes-1.23"} {
		groups = slices.DeleteFunc(groups, func(path string) bool { return path == "programs/"+group })
	}
	groups = append(groups, ".", "plugins", "..", "../tools")

	versions := map[string]map[string]string{} // by module and group
	for _, group := range groups {
		for module, version := range required(t, group) {
			if slices.ContainsFunc(ownVersions[group], func(prefix string) bool { return strings.HasPrefix(module, prefix) }) {
				continue
			}
			if versions[module] == nil {
				versions[module] = map[string]string{}
			}
			versions[module][group] = version
		}
	}
	remedies := map[string][]string{} // by group
	for module, of := range versions {
		newest := ""
		for _, version := range of {
			if semver.Compare(version, newest) > 0 {
				newest = version
			}
		}
		for group, version := range of {
			if version != newest {
				remedies[group] = append(remedies[group], module+"@"+newest)
			}
		}
	}
	for group, modules := range remedies {
		slices.Sort(modules)
		t.Errorf("older versions than elsewhere; run: cd %s && go get %s && go mod tidy", group, strings.Join(modules, " "))
	}
}

// required are the modules that a group's go.mod requires, with those that replace them, by path.
func required(t *testing.T, group string) map[string]string {
	t.Helper()
	edit := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	edit.Dir = group
	text, err := edit.Output()
	if err != nil {
		t.Fatalf("%s: %v", group, err)
	}
	type module struct{ Path, Version string }
	var file struct {
		Require []module
		Replace []struct{ Old, New module }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("%s: %v", group, err)
	}
	versions := map[string]string{}
	for _, m := range file.Require {
		versions[m.Path] = m.Version
	}
	for _, replacement := range file.Replace {
		if _, required := versions[replacement.Old.Path]; required && replacement.Old.Path == replacement.New.Path {
			versions[replacement.Old.Path] = replacement.New.Version
		}
	}
	return versions
}
