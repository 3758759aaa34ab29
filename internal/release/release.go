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
	Webapp            = "webapp"         // the front of the shop
	Catalog           = "catalog"        // what the shop sells
	SimpleBackend     = "simple-backend" // answers with its name, or fails on demand
	KubeOpsView       = "kube-ops-view"  // a picture of the nodes and their pods
	MetricsServer     = "metrics-server" // what nodes and pods use, for kubectl top
	HTTPBin           = "httpbin"        // answers what it was asked
	Sleep             = "sleep"          // a pod with curl to call others from
	RateLimit         = "ratelimit"      // Envoy's rate limit service
	Redis             = "redis"          // where the rate limit service counts
	HTTPEcho          = "http-echo"      // answers with a text
	Busybox           = "busybox"        // serves sidecars their Wasm filter, from the Docker network
	Registry          = "registry"       // keeps images near the labs of a class
)

// Manifests that a release names and that the setting lab.manifests overrides. All but MetalLB's are of Istio's samples/addons.
const (
	MetalLB    = "metallb"
	Prometheus = "prometheus"
	Grafana    = "grafana"
	Kiali      = "kiali"
	Jaeger     = "jaeger"
)

// metalLB is the version of it that every release has.
const metalLB = "v0.14.9"

// Release is one set of versions that work together.
type Release struct {
	Name string
	// Istio is its version, without a leading v.
	Istio string
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

// manifests returns MetalLB's manifest and those of the add-ons of a version of Istio, whose digests are given by name.
func manifests(istio string, digests map[string]string) map[string]Manifest {
	all := map[string]Manifest{MetalLB: {
		Location: "https://raw.githubusercontent.com/metallb/metallb/" + metalLB + "/config/manifests/metallb-native.yaml",
		// Of config/manifests/metallb-native.yaml in the module go.universe.tf/metallb v0.14.9.
		SHA256: "951065e85692aa106f1bb5d5a487d9306154923a794ab1d82122881cbaf588e4",
	}}
	for name, digest := range digests {
		all[name] = Manifest{
			Location: "https://raw.githubusercontent.com/istio/istio/" + istio + "/samples/addons/" + name + ".yaml", SHA256: digest,
		}
	}
	return all
}

// images returns the images of a version of Istio, those that are the same in every release, and those given by name.
func images(istio string, own map[string]string) map[string]string {
	all := map[string]string{
		Client:            "nicolaka/netshoot:v0.13",
		Istioctl:          "docker.io/istio/istioctl:" + istio,
		Pilot:             "docker.io/istio/pilot:" + istio,
		Proxy:             "docker.io/istio/proxyv2:" + istio,
		MetalLBController: "quay.io/metallb/controller:" + metalLB,
		MetalLBSpeaker:    "quay.io/metallb/speaker:" + metalLB,
		Webapp:            "docker.io/istioinaction/webapp:latest",
		Catalog:           "docker.io/istioinaction/catalog:latest",
		SimpleBackend:     "docker.io/nicholasjackson/fake-service:v0.17.0",
		HTTPBin:           "docker.io/kennethreitz/httpbin:latest",
		Sleep:             "docker.io/governmentpaas/curl-ssl:latest",
		RateLimit:         "docker.io/envoyproxy/ratelimit:6f5de117",
		// The manual runs redis:alpine, whatever that is today.
		Redis:    "docker.io/library/redis:7-alpine",
		HTTPEcho: "docker.io/hashicorp/http-echo:1.0",
		Busybox:  "busybox:1.36.1",
		Registry: "docker.io/library/registry:3.0.0",
		// The last one. The manual's chart runs 20.4.0, of 2020, whose build is for one architecture.
		KubeOpsView: "docker.io/hjacobs/kube-ops-view:23.5.0",
	}
	maps.Copy(all, own)
	return all
}

// releases holds the known releases. Digests of node images are those that the kind release which built them published.
var releases = map[string]Release{
	// The manual's. Istio 1.17 needs Kubernetes 1.23 to 1.26; this node image is kind v0.22's, the last build of 1.23.
	"book": {
		Name: "book", Istio: "1.17.8",
		Images: images("1.17.8", map[string]string{
			Node: "kindest/node:v1.23.17@sha256:14d0a9a892b943866d7e6be119a06871291c517d279aedb816a4b4bc0ec0a5b3",
			// What the manual's chart ran when it was written; made for Kubernetes 1.19 or newer.
			MetricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.7.2",
		}),
		Manifests: manifests("1.17.8", map[string]string{
			Prometheus: "617cf797fa48413fb29b7a60e7f3637d3039c9c06f4e1072a900a3d23bfb7425",
			Grafana:    "3fab023e8fee67435041459ef660287cb158d1cb0488485796c36c00d076163a",
			Kiali:      "ea38a93561dbb3d4df10ffb3d304ea4f956df0bc65497643b8369258f91bedaa",
			Jaeger:     "9a6670e83045444969aed7900fdc2ced79aeeddb98ead931a6d70496e4c39618",
		}),
	},
	// A recent one. Istio 1.30 needs Kubernetes 1.32 or newer; 1.34 is the newest that also runs on cgroup v1.
	"current": {
		Name: "current", Istio: "1.30.3",
		Images: images("1.30.3", map[string]string{
			Node: "kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a",
			// Made for Kubernetes 1.31 or newer.
			MetricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.8.1",
		}),
		Manifests: manifests("1.30.3", map[string]string{
			Prometheus: "429abcb6cb74b6045d8787c66add166aa6ca77889835107bdea8dfb46dd1eca8",
			Grafana:    "1f9ee332c828a29e7c4418661b80d7b766fba2d8a5234b892071ef0a0361b13e",
			Kiali:      "0784c980cbffb4ea64e28268dc49df707b58127b5de689186f07c12dc739c38a",
			Jaeger:     "0bb1cc1dfa2cc4af25c0747b29d6536a9d7c05270f8a2271804910c6c57ed733",
		}),
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
