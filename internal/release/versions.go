package release

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Versions are what a lab runs, as far as the tags of its images say so.
type Versions struct {
	// Release is the release's name.
	Release string `json:"release"`
	// Kubernetes and Istio are versions without a leading v; empty where the tag of the image is none. Kubernetes is empty too where
	// the clusters are not the lab's own.
	Kubernetes string `json:"kubernetes,omitempty"`
	Istio      string `json:"istio,omitempty"`
	// Images are those that the setting lab.images replaced, by name.
	Images map[string]string `json:"images,omitempty"`
	// DigestsIgnored says that images are taken by their tags, whatever registries hold under them.
	DigestsIgnored bool `json:"digestsIgnored,omitempty"`
}

// Versions are those of the images that the release has after its overrides.
func (r Release) Versions() Versions {
	v := Versions{Release: r.Name, Kubernetes: versionOf(r.Images[Node]), Istio: versionOf(r.Images[Pilot]), DigestsIgnored: r.DigestsIgnored}
	for name := range r.Overridden {
		if v.Images == nil {
			v.Images = map[string]string{}
		}
		v.Images[name] = r.Images[name]
	}
	return v
}

// String is such as: release current (Kubernetes 1.36.4, Istio 1.31.0), image node is kindest/node:v1.36.4.
func (v Versions) String() string {
	var runs, replaced []string
	for _, part := range []struct{ name, version string }{{"Kubernetes", v.Kubernetes}, {"Istio", v.Istio}} {
		if part.version != "" {
			runs = append(runs, part.name+" "+part.version)
		}
	}
	text := "release " + v.Release
	if len(runs) > 0 {
		text += " (" + strings.Join(runs, ", ") + ")"
	}
	for _, name := range slices.Sorted(maps.Keys(v.Images)) {
		replaced = append(replaced, "image "+name+" is "+v.Images[name])
	}
	if v.DigestsIgnored {
		replaced = append(replaced, "digests of images ignored")
	}
	return strings.Join(append([]string{text}, replaced...), ", ")
}

// tagged finds the version at the beginning of an image's tag: kindest/node:v1.36.4@sha256:..., pilot:1.31.0-distroless.
var tagged = regexp.MustCompile(`:v?([0-9]+\.[0-9]+(?:\.[0-9]+)?)[^/:]*(?:@.*)?$`)

func versionOf(image string) string {
	reference, _, _ := strings.Cut(image, "@")
	if found := tagged.FindStringSubmatch(reference); found != nil {
		return found[1]
	}
	return ""
}

// minors is a range of minor versions of Kubernetes 1, both ends included.
type minors struct{ oldest, newest int }

func (m minors) String() string { return fmt.Sprintf("1.%d to 1.%d", m.oldest, m.newest) }

// supported are the versions of Kubernetes that Istio's support table names, by Istio's minor version: those of the releases and of the
// minors between that are still in use (https://istio.io/latest/docs/releases/supported-releases, read on 2026-11-27).
var supported = map[string]minors{
	"1.17": {23, 26},
	"1.29": {31, 35},
	"1.30": {32, 36},
	"1.31": {32, 36},
}

// oldestNode is the oldest Kubernetes whose kubeadm reads a configuration that the lab writes.
const oldestNode = 22

// CheckNode says why a Kubernetes of the lab's own nodes does not fit, or returns nil. Images whose tags are no versions are not checked.
func (r Release) CheckNode() error {
	v := r.Versions()
	if minor, known := minorOf(v.Kubernetes); known && minor < oldestNode {
		return fmt.Errorf("%q is Kubernetes %s, and the oldest that the lab can set up is 1.%d", r.Images[Node], v.Kubernetes, oldestNode)
	}
	if err := r.CheckKubernetes(v.Kubernetes); err != nil {
		return fmt.Errorf("%q is %w, or set the images %s, %s and %s to an Istio that supports it", r.Images[Node], err, Istioctl, Pilot, Proxy)
	}
	return nil
}

// CheckKubernetes says that Istio does not support a version of Kubernetes, such as v1.30.1, or returns nil. What it has no table for is
// not checked.
func (r Release) CheckKubernetes(version string) error {
	istio := versionOf(r.Images[Pilot])
	parts := strings.SplitN(istio, ".", 3)
	if len(parts) < 2 {
		return nil
	}
	fits, known := supported[parts[0]+"."+parts[1]]
	minor, isVersion := minorOf(version)
	if !known || !isVersion || (minor >= fits.oldest && minor <= fits.newest) {
		return nil
	}
	return fmt.Errorf("Kubernetes %s, and Istio %s supports %s only; choose one of those", strings.TrimPrefix(version, "v"), istio, fits)
}

// KubernetesMinor is the minor version of Kubernetes 1 that the nodes run, if their image says so.
func (v Versions) KubernetesMinor() (minor int, known bool) { return minorOf(v.Kubernetes) }

// minorOf is the minor version of a version of Kubernetes 1.
func minorOf(version string) (minor int, ok bool) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 || parts[0] != "1" {
		return 0, false
	}
	minor, err := strconv.Atoi(strings.TrimRight(parts[1], "+")) // some distributions report 1.30+
	return minor, err == nil
}
