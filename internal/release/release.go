// Package release is the table of versions that the lab can be built from, and of the images and manifests each needs.
package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// IstioHub is where Istio's images are. Since Istio 1.31 they are nowhere else.
const IstioHub = "docker.io/istio"

// Release is one set of versions that work together.
type Release struct {
	Name string
	// Istio is the tag of Istio's images at IstioHub.
	Istio string
	// Images maps each image's name to its reference.
	Images map[string]string
	// Overridden holds the names of the images that a setting replaced.
	Overridden map[string]bool
	// DigestsIgnored says that images are taken by their tags alone.
	DigestsIgnored bool
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

// manifests returns the manifests of a version of MetalLB and of the add-ons of a version of Istio, whose digests are given by name.
func manifests(istio, metalLB string, digests map[string]string) map[string]Manifest {
	all := map[string]Manifest{}
	for name, digest := range digests {
		location := "https://raw.githubusercontent.com/istio/istio/" + istio + "/samples/addons/" + name + ".yaml"
		if name == MetalLB {
			location = "https://raw.githubusercontent.com/metallb/metallb/" + metalLB + "/config/manifests/metallb-native.yaml"
		}
		all[name] = Manifest{Location: location, SHA256: digest}
	}
	return all
}

// images returns the images of a version of Istio and one of MetalLB, those that are the same in every release, and those given by name.
func images(istio, metalLB string, own map[string]string) map[string]string {
	all := map[string]string{
		Client:            "nicolaka/netshoot:v0.13",
		Istioctl:          IstioHub + "/istioctl:" + istio,
		Pilot:             IstioHub + "/pilot:" + istio,
		Proxy:             IstioHub + "/proxyv2:" + istio,
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
		Registry: "docker.io/library/registry:3.1.1",
		// The last one. The manual's chart runs 20.4.0, of 2020, whose build is for one architecture.
		KubeOpsView: "docker.io/hjacobs/kube-ops-view:23.5.0",
	}
	maps.Copy(all, own)
	return all
}

// releases holds the known releases. Digests of node images are those that the kind release which built them published; those of
// manifests are of the files in the modules go.universe.tf/metallb and istio.io/istio of these versions.
var releases = map[string]Release{
	// The manual's. The node image is kind v0.22's, the last build of Kubernetes 1.23.
	"book": {
		Name: "book", Istio: "1.17.8",
		Images: images("1.17.8", "v0.14.9", map[string]string{
			Node: "kindest/node:v1.23.17@sha256:14d0a9a892b943866d7e6be119a06871291c517d279aedb816a4b4bc0ec0a5b3",
			// What the manual's chart ran when it was written; made for Kubernetes 1.19 or newer.
			MetricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.7.2",
		}),
		Manifests: manifests("1.17.8", "v0.14.9", map[string]string{
			MetalLB:    "951065e85692aa106f1bb5d5a487d9306154923a794ab1d82122881cbaf588e4",
			Prometheus: "617cf797fa48413fb29b7a60e7f3637d3039c9c06f4e1072a900a3d23bfb7425",
			Grafana:    "3fab023e8fee67435041459ef660287cb158d1cb0488485796c36c00d076163a",
			Kiali:      "ea38a93561dbb3d4df10ffb3d304ea4f956df0bc65497643b8369258f91bedaa",
			Jaeger:     "9a6670e83045444969aed7900fdc2ced79aeeddb98ead931a6d70496e4c39618",
		}),
	},
	// The newest Istio that the test bed can build, the newest Kubernetes that it supports, in kind v0.33's build. MetalLB has to be
	// newer than 0.15.3, whose definitions Kubernetes 1.36 refuses to serve in part; a part of 0.16.2 is in no registry of modules.
	"current": {
		Name: "current", Istio: "1.31.0",
		Images: images("1.31.0", "v0.16.1", map[string]string{
			Node:          "kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed",
			MetricsServer: "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
		}),
		Manifests: manifests("1.31.0", "v0.16.1", map[string]string{
			MetalLB:    "bf25feebb7582ca7df845efd52ffbc2960d6cbf4cfc972f47fded9f788b67f0b",
			Prometheus: "429abcb6cb74b6045d8787c66add166aa6ca77889835107bdea8dfb46dd1eca8",
			Grafana:    "1f9ee332c828a29e7c4418661b80d7b766fba2d8a5234b892071ef0a0361b13e",
			Kiali:      "e2c786d65ab926dc49562d37808d2c838d7c953b701b0f15bcf39188ccebba5c",
			Jaeger:     "e57bc1054b1f22c98b9cf7487e1013bacde164b183f582a0de29a978496e8741",
		}),
	},
}

// Names returns the names of all releases, sorted.
func Names() []string { return slices.Sorted(maps.Keys(releases)) }

// ImageNames returns the names that lab.images may override, sorted.
func ImageNames() []string { return slices.Sorted(maps.Keys(releases["book"].Images)) }

// ManifestNames returns the names that lab.manifests may override, sorted.
func ManifestNames() []string { return slices.Sorted(maps.Keys(releases["book"].Manifests)) }

// Overrides change a release.
type Overrides struct {
	// Images are references by names of ImageNames, Manifests locations by names of ManifestNames.
	Images, Manifests map[string]string
	// IgnoreDigests takes the release's own images by their tags alone, where a registry holds builds of its own under them.
	IgnoreDigests bool
}

// For returns the release of that name, one of Names, with the overrides.
func For(name string, overrides Overrides) (Release, error) {
	r, known := releases[name]
	if !known {
		return Release{}, fmt.Errorf("release %q is not one of %v", name, Names())
	}
	r.Images, r.Manifests = maps.Clone(r.Images), maps.Clone(r.Manifests)
	r.Overridden = map[string]bool{}
	if r.DigestsIgnored = overrides.IgnoreDigests; r.DigestsIgnored {
		for name, reference := range r.Images {
			r.Images[name], _, _ = strings.Cut(reference, "@")
		}
	}
	for name, reference := range overrides.Images {
		r.Images[name] = reference
		r.Overridden[name] = true
	}
	for name, location := range overrides.Manifests {
		r.Manifests[name] = Manifest{Location: location}
	}
	return r, nil
}
