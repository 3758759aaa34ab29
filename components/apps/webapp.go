package apps

import "istio-lab/internal/release"

// Webapp is the front of the shop. It asks Catalog, by the name that the mesh resolves, wherever that runs.
func Webapp(r release.Release) App {
	return App{Name: "webapp", Image: r.Images[release.Webapp], Port: 8080, Env: map[string]string{
		"CATALOG_SERVICE_HOST": "catalog." + Namespace + ".svc.cluster.local",
		"CATALOG_SERVICE_PORT": "80",
		"FORUM_SERVICE_HOST":   "forum.forum-services",
		"FORUM_SERVICE_PORT":   "80",
	}}
}
