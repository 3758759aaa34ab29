package recipe

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

var metallbPrograms = programs("metallb", "", "go.universe.tf/metallb/controller", "go.universe.tf/metallb/speaker")

var metallbManifest = source.ModuleFile{
	Dir: "programs/metallb", Module: "go.universe.tf/metallb", Path: "config/manifests/metallb-native.yaml",
}

func metallb(ref, program string) oci.Image {
	return static(ref, metallbPrograms, program)
}

func echo() oci.Image {
	return static(EchoImage, programs("http-echo", "", "github.com/hashicorp/http-echo"), "http-echo")
}

// client stands in for an image of network tools: a computer beside the clusters.
func client() oci.Image {
	return oci.Image{Ref: ClientImage, Layers: []artifact.Artifact{tools}, Config: v1.Config{Cmd: []string{"bash"}}}
}

// busybox needs nothing beside it.
func busybox() oci.Image {
	program := debian.Layer{
		Title: "busybox", Extract: true, Packages: []string{"busybox-static"}, Keep: []string{"bin/busybox"},
	}
	return oci.Image{Ref: BusyboxImage, Layers: []artifact.Artifact{program}, Config: v1.Config{Cmd: []string{"busybox", "sh"}}}
}

const registryConfig = `version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: 127.0.0.1:5000
`

func registry() oci.Image {
	image := static(RegistryImage, programs("registry", "", "github.com/distribution/distribution/v3/cmd/registry"), "registry")
	image.Layers = append(image.Layers, oci.Files{Title: "registry-config", Files: []oci.File{
		oci.Data("etc/distribution/config.yml", oci.Text(registryConfig)),
	}})
	image.Config.Cmd = []string{"serve", "/etc/distribution/config.yml"}
	return image
}
