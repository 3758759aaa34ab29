package apps

import "istio-lab/internal/release"

// Catalog is what the shop sells.
func Catalog(r release.Release) App {
	return App{Name: "catalog", Version: "v1", Image: r.Images[release.Catalog], Port: 3000}
}
