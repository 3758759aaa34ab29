// Package release is the table of versions that the lab can be built from, and of the images and manifests each needs.
package release

import (
	"fmt"
	"maps"
	"slices"
)

// Images that a release names and that the setting lab.images overrides.
const (
	Node              = "node"     // the kind node
	Client            = "mypc"     // the client on the Docker network
	Istioctl          = "istioctl" // installs Istio from inside the cluster
	Pilot             = "pilot"    // istiod
	Proxy             = "proxyv2"  // sidecars and gateways
	MetalLBController = "metallb-controller"
	MetalLBSpeaker    = "metallb-speaker"
)

// MetalLB is the manifest that the setting lab.manifests overrides.
const MetalLB = "metallb"

// Release is one set of versions that work together.
type Release struct {
	Name string
	// Kubernetes, Istio and MetalLB are the versions, without a leading v.
	Kubernetes, Istio, MetalLB string
	// Images maps each image's name to its reference.
	Images map[string]string
	// Overridden holds the names of the images that a setting replaced.
	Overridden map[string]bool
	// Manifests maps the name of each third-party manifest to where it is read.
	Manifests map[string]Manifest
}

// Manifest is a third-party manifest.
type Manifest struct {
	// Location is an https URL or a local path.
	Location string
	// SHA256 is the digest of the content in hexadecimal; empty for a location of the person's own, which is not pinned.
	SHA256 string
}

var metallb = map[string]Manifest{MetalLB: {
	Location: "https://raw.githubusercontent.com/metallb/metallb/v0.14.9/config/manifests/metallb-native.yaml",
	// Of config/manifests/metallb-native.yaml in the module go.universe.tf/metallb v0.14.9.
	SHA256: "951065e85692aa106f1bb5d5a487d9306154923a794ab1d82122881cbaf588e4",
}}

// releases holds the known releases. Digests of node images are those that the kind release which built them published.
var releases = map[string]Release{
	// The manual's. Istio 1.17 needs Kubernetes 1.23 to 1.26; this node image is kind v0.22's, the last build of 1.23.
	"book": {
		Name: "book", Kubernetes: "1.23.17", Istio: "1.17.8", MetalLB: "0.14.9",
		Images: map[string]string{
			Node:              "kindest/node:v1.23.17@sha256:14d0a9a892b943866d7e6be119a06871291c517d279aedb816a4b4bc0ec0a5b3",
			Client:            "nicolaka/netshoot:v0.13",
			Istioctl:          "docker.io/istio/istioctl:1.17.8",
			Pilot:             "docker.io/istio/pilot:1.17.8",
			Proxy:             "docker.io/istio/proxyv2:1.17.8",
			MetalLBController: "quay.io/metallb/controller:v0.14.9",
			MetalLBSpeaker:    "quay.io/metallb/speaker:v0.14.9",
		},
		Manifests: metallb,
	},
	// A recent one. Istio 1.30 needs Kubernetes 1.32 or newer; 1.34 is the newest that also runs on cgroup v1.
	"current": {
		Name: "current", Kubernetes: "1.34.0", Istio: "1.30.3", MetalLB: "0.14.9",
		Images: map[string]string{
			Node:              "kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a",
			Client:            "nicolaka/netshoot:v0.13",
			Istioctl:          "docker.io/istio/istioctl:1.30.3",
			Pilot:             "docker.io/istio/pilot:1.30.3",
			Proxy:             "docker.io/istio/proxyv2:1.30.3",
			MetalLBController: "quay.io/metallb/controller:v0.14.9",
			MetalLBSpeaker:    "quay.io/metallb/speaker:v0.14.9",
		},
		Manifests: metallb,
	},
}

// Names returns the names of all releases, sorted.
func Names() []string { return slices.Sorted(maps.Keys(releases)) }

// ImageNames returns the names that lab.images may override, sorted.
func ImageNames() []string { return slices.Sorted(maps.Keys(releases["book"].Images)) }

// ManifestNames returns the names that lab.manifests may override, sorted.
func ManifestNames() []string { return slices.Sorted(maps.Keys(releases["book"].Manifests)) }

// For returns the release of that name with the given images and manifests put in the place of its own. The names are to
// be ones of Names, ImageNames and ManifestNames.
func For(name string, images, manifests map[string]string) (Release, error) {
	r, known := releases[name]
	if !known {
		return Release{}, fmt.Errorf("release %q is not one of %v", name, Names())
	}
	r.Images, r.Manifests = maps.Clone(r.Images), maps.Clone(r.Manifests)
	r.Overridden = map[string]bool{}
	for name, reference := range images {
		r.Images[name] = reference
		r.Overridden[name] = true
	}
	for name, location := range manifests {
		r.Manifests[name] = Manifest{Location: location}
	}
	return r, nil
}
