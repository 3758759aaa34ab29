package apps

import "istio-lab/internal/release"

// HTTPBin answers requests with what it was asked: at /headers, with the headers that have reached it.
func HTTPBin(r release.Release) App {
	return App{Name: "httpbin", Version: "v1", Image: r.Images[release.HTTPBin], Port: 80, ServicePort: 8000}
}
