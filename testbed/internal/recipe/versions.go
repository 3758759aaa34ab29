// Package recipe says what each image of the test bed is made from.
package recipe

// The versions that image names and manifests carry. What Go modules they stand for is pinned in programs/*/go.mod.
const (
	kubernetesVersion = "v1.26.15"
	istioVersion      = "1.32-dev"
	metallbVersion    = "v0.14.9"
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

	metallbControllerImage = "quay.io/metallb/controller:" + metallbVersion
	metallbSpeakerImage    = "quay.io/metallb/speaker:" + metallbVersion

	// RegistryImage serves the others.
	RegistryImage = "istio-lab-testbed/registry:v3.1.2"
)
