package recipe

import (
	"strings"

	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// Place is where an image is needed; Engine | Registry is both.
type Place uint

// An image is needed by the Docker engine of the host, or by nodes, which pull it.
const (
	Engine Place = 1 << iota
	Registry
)

// Has tells whether the place is the other one, or both.
func (p Place) Has(other Place) bool { return p&other != 0 }

// String names the place.
func (p Place) String() string {
	var names []string
	if p.Has(Engine) {
		names = append(names, "engine")
	}
	if p.Has(Registry) {
		names = append(names, "registry")
	}
	return strings.Join(names, " and ")
}

// Recipe is an image that the test bed makes.
type Recipe struct {
	// Short names the image on the command line.
	Short string
	Place Place
	Image oci.Image
}

// All is every image that the test bed makes of a release, in the order in which they are made: what others wait for first. Of the
// release book these are the images that its stages up to trust take.
func All(release string) []Recipe {
	if release == Book {
		return []Recipe{
			{"node", Engine, bookNode.image()},
			{"registry", Engine, registry()},
			{"mypc", Engine | Registry, client()},
			{"metallb-controller", Registry, bookMetalLB.image("controller")},
			{"metallb-speaker", Registry, bookMetalLB.image("speaker")},
			{"http-echo", Registry, echo()},
		}
	}
	return []Recipe{
		{"node", Engine, currentNode.image()},
		{"registry", Engine, registry()},
		{"mypc", Engine | Registry, client()},
		{"busybox", Engine, busybox()},
		{"istioctl", Registry, istioctl()},
		{"pilot", Registry, pilot()},
		{"proxyv2", Registry, proxy()},
		{"metallb-controller", Registry, currentMetalLB.image("controller")},
		{"metallb-speaker", Registry, currentMetalLB.image("speaker")},
		{"http-echo", Registry, echo()},
		{"webapp", Registry, onBase(WebappImage, apps, "webapp")},
		{"catalog", Registry, onBase(CatalogImage, apps, "catalog")},
		{"fake-service", Registry, onBase(BackendImage, apps, "fake-service")},
		{"config-reloader", Registry, static(ConfigReloaderImage, apps, "config-reloader")},
		{"prometheus", Registry, prometheus()},
		{"httpbin", Registry, onBase(HTTPBinImage, apps, "httpbin")},
		{"curl", Registry, curl()},
		{"redis", Registry, redis()},
		{"ratelimit", Registry, rateLimit()},
		{"metrics-server", Registry, metricsServer()},
	}
}

// Manifests are the projects' own manifests of a release, unchanged, by the names that the lab's settings have for them.
func Manifests(release string) map[string]source.ModuleFile {
	if release == Book {
		return map[string]source.ModuleFile{"metallb": bookMetalLB.manifest()}
	}
	return map[string]source.ModuleFile{"metallb": currentMetalLB.manifest(), "prometheus": prometheusManifest}
}
