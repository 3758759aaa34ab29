// Package recipe says what each image of the test bed is made from.
package recipe

import (
	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/source"
)

// The releases of the lab whose images the test bed makes. All that Release takes is made; of Book only what its stages up to trust take:
// its Istio is in no registry.
const (
	Release = "current"
	Book    = "book"
)

// The versions that image names and manifests carry. What Go modules they stand for is pinned in programs/*/go.mod.
const (
	istioVersion      = "1.31.0"
	prometheusVersion = "3.10.0"
	envoyVersion      = "1.40.0"
)

// NodeImage is the node of release current.
var NodeImage = currentNode.ref()

// The names that the lab's settings and its manifests use.
const (
	IstioctlImage = "docker.io/istio/istioctl:" + istioVersion
	PilotImage    = "docker.io/istio/pilot:" + istioVersion
	ProxyImage    = "docker.io/istio/proxyv2:" + istioVersion
	ClientImage   = "nicolaka/netshoot:v0.13"
	EchoImage     = "docker.io/hashicorp/http-echo:1.0"

	WebappImage  = "istioinaction/webapp:latest"
	CatalogImage = "istioinaction/catalog:latest"
	BackendImage = "nicholasjackson/fake-service:v0.17.0"

	HTTPBinImage   = "kennethreitz/httpbin:latest"
	CurlImage      = "governmentpaas/curl-ssl:latest"
	RateLimitImage = "envoyproxy/ratelimit:6f5de117"
	RedisImage     = "redis:7-alpine"
	BusyboxImage   = "busybox:1.36.1"

	PrometheusImage     = "docker.io/prom/prometheus:v" + prometheusVersion
	ConfigReloaderImage = "ghcr.io/prometheus-operator/prometheus-config-reloader:v0.89.0"
	MetricsServerImage  = "registry.k8s.io/metrics-server/metrics-server:v0.9.0"

	// RegistryImage serves the others.
	RegistryImage = "docker.io/library/registry:3.1.1"
)

// currentNode is the node of release current.
var currentNode = nodeVersion{
	name:       "1.36",
	version:    "v1.36.4",
	kind:       source.Module{Dir: "programs/kind", Path: "sigs.k8s.io/kind"},
	kubernetes: kubernetes("kubernetes", "v1.36.4"),
	containerd: containerd("containerd", "github.com/containerd/containerd/v2", "v2.3.4"),
	etcd:       programs("etcd", "", "go.etcd.io/etcd/server/v3"),
	coredns:    ownMain("coredns", "coredns"),
	images: nodeImages{
		etcd:          "registry.k8s.io/etcd:3.6.8-0",
		coredns:       "registry.k8s.io/coredns/coredns:v1.14.2",
		sandbox:       "registry.k8s.io/pause:3.10",
		network:       "docker.io/kindest/kindnetd:v20260820-69b56db7",
		storage:       "docker.io/kindest/local-path-provisioner:v20260820-69b56db7",
		storageHelper: "docker.io/kindest/local-path-helper:v20260131-7181c60a",
	},
}

// bookNode is the node of release book.
var bookNode = nodeVersion{
	name:       "1.23",
	version:    "v1.23.17",
	kind:       source.Module{Dir: "programs/kind-0.22", Path: "sigs.k8s.io/kind"},
	kubernetes: kubernetes123,
	containerd: containerd("containerd-1.7", "github.com/containerd/containerd", "v1.7.13"),
	etcd:       programs("etcd-3.5", "", "go.etcd.io/etcd/server/v3"),
	coredns:    ownMain("coredns-1.8", "coredns"),
	images: nodeImages{
		etcd:          "registry.k8s.io/etcd:3.5.6-0",
		coredns:       "registry.k8s.io/coredns/coredns:v1.8.6",
		sandbox:       "registry.k8s.io/pause:3.7",
		network:       "docker.io/kindest/kindnetd:v20240202-8f1494ea",
		storage:       "docker.io/kindest/local-path-provisioner:v20240202-8f1494ea",
		storageHelper: "docker.io/kindest/local-path-helper:v20230510-486859a6",
	},
}

// kubernetes123 is compiled with the Go release that its own releases were. Kubernetes' build makes one of its files.
var kubernetes123 = func() source.Programs {
	const definitions = "pkg/generated/openapi"
	programs := kubernetes("kubernetes-1.23", "v1.23.17")
	programs.Toolchain = "go1.19.13"
	generated := source.OpenAPI{Programs: programs, Package: "k8s.io/kubernetes/" + definitions}
	programs.Overlay = []source.OverlayFile{{
		Module: "k8s.io/kubernetes", File: definitions + "/" + source.OpenAPIFile,
		Content: artifact.Of(generated, source.OpenAPIFile),
	}}
	return programs
}()
