package recipe

import (
	"istio-lab/testbed/internal/oci"
)

// Place is where an image is needed.
type Place string

// An image is needed by the Docker engine of the host, or by nodes, which pull it.
const (
	Engine   Place = "engine"
	Registry Place = "registry"
)

// Recipe is an image that the test bed makes.
type Recipe struct {
	// Short names the image on the command line.
	Short string
	Place Place
	Image oci.Image
}

// All is every image, in the order in which they are made: what others wait for first.
func All() []Recipe {
	return []Recipe{
		{"node", Engine, node()},
		{"registry", Engine, registry()},
		{"mypc", Engine, client()},
		{"istioctl", Registry, istioctl()},
		{"pilot", Registry, pilot()},
		{"proxyv2", Registry, proxy()},
		{"metallb-controller", Registry, metallb(metallbControllerImage, "controller")},
		{"metallb-speaker", Registry, metallb(metallbSpeakerImage, "speaker")},
		{"http-echo", Registry, echo()},
	}
}
