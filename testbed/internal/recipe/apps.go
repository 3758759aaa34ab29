package recipe

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// apps are the test bed's own programs in images that nodes pull; those of a node are apart, so that it outlives a change here.
var apps = source.Programs{
	Title: "apps", Dir: ".",
	Packages: []string{"./cmd/webapp", "./cmd/catalog", "./cmd/fake-service", "./cmd/httpbin", "./cmd/config-reloader"},
	Sources: []string{
		"cmd/webapp", "cmd/catalog", "cmd/fake-service", "cmd/httpbin", "cmd/config-reloader", "internal/serve",
	},
}

// curl stands in for an image of curl: a pod to call others from.
func curl() oci.Image {
	return oci.Image{Ref: CurlImage, Layers: []artifact.Artifact{base}, Config: v1.Config{Cmd: []string{"bash"}}}
}

// rateLimit has its program where the book's manifest names it.
func rateLimit() oci.Image {
	const pkg, path = "github.com/envoyproxy/ratelimit/src/service_cmd", "bin/ratelimit"
	program := oci.Program(path, artifact.Of(programs("ratelimit", "", pkg), "service_cmd"))
	return oci.Image{
		Ref:    RateLimitImage,
		Layers: []artifact.Artifact{oci.Files{Title: "ratelimit", Files: []oci.File{program}}},
		Config: v1.Config{Cmd: []string{"/" + path}},
	}
}

// redisFiles are the server, its command line, and the libraries of theirs that the base has not.
var redisFiles = debian.Layer{
	Title: "redis", Extract: true,
	Packages: []string{"redis-server"},
	Keep: []string{
		"usr/bin/redis-*", "usr/lib/*/libatomic.so*", "usr/lib/*/libjemalloc.so*", "usr/lib/*/liblzf.so*", "usr/lib/*/libstdc++.so*",
	},
}

// redis answers clients on other hosts too, and keeps nothing on disk.
func redis() oci.Image {
	return oci.Image{
		Ref:    RedisImage,
		Layers: []artifact.Artifact{base, redisFiles},
		Config: v1.Config{Entrypoint: []string{"redis-server", "--protected-mode", "no", "--save", ""}},
	}
}
