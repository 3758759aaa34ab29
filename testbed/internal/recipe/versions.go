// Package recipe says what each image of the test bed is made from.
package recipe

// Release is the release of the lab whose images these are.
const Release = "current"

// The versions that image names and manifests carry. What Go modules they stand for is pinned in programs/*/go.mod.
const (
	kubernetesVersion = "v1.26.15"
	istioVersion      = "1.31.0"
	metallbVersion    = "v0.16.2"
	prometheusVersion = "3.10.0"
	envoyVersion      = "1.40.0"
)

// The names that the lab's settings and its manifests use.
const (
	NodeImage     = "kindest/node:" + kubernetesVersion
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

	metallbControllerImage = "quay.io/metallb/controller:" + metallbVersion
	metallbSpeakerImage    = "quay.io/metallb/speaker:" + metallbVersion

	// RegistryImage serves the others.
	RegistryImage = "docker.io/library/registry:3.1.1"
)
