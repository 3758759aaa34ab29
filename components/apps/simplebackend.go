package apps

import (
	"strings"

	"istio-lab/internal/release"
)

// SimpleBackend answers every request with where it runs: WEST or EAST, for the region west or east. When it fails, it answers
// every request with an error instead.
func SimpleBackend(r release.Release, region string, fails bool) App {
	env := map[string]string{
		"LISTEN_ADDR":          "0.0.0.0:8080",
		"SERVER_TYPE":          "http",
		"NAME":                 "simple-backend-" + region,
		"MESSAGE":              "Hello from " + strings.ToUpper(region),
		"TIMING_VARIANCE":      "40ms",
		"TIMING_50_PERCENTILE": "150ms",
		"ERROR_RATE":           "0", // there in any case, so that a change of it is one line of a preview
	}
	if fails {
		env["ERROR_RATE"] = "1"
	}
	return App{
		Name: "simple-backend", Deployment: "simple-backend-" + region, Image: r.Images[release.SimpleBackend], Port: 8080, Env: env,
	}
}
