package recipe

import (
	"regexp"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// metallb is a version of MetalLB, and the group of its programs.
type metallb struct{ version, group string }

var (
	currentMetalLB = metallb{"v0.16.1", "metallb"}
	bookMetalLB    = metallb{"v0.14.9", "metallb-book"}
)

const metallbModule = "go.universe.tf/metallb"

// programs are compiled with the Kubernetes libraries that all others have, whose controller-runtime wants an argument more.
func (m metallb) programs() source.Programs {
	all := programs(m.group, "", metallbModule+"/controller", metallbModule+"/speaker")
	all.Overlay = []source.OverlayFile{source.EditedFile{
		ModuleFile: source.ModuleFile{Dir: all.Dir, Module: metallbModule, Path: "internal/k8s/webhook.go"},
		Edits: []source.Edit{{
			Old: regexp.MustCompile(`NewWebhookHandler\(mgr\.GetScheme\(\)\)`), New: "NewWebhookHandler(mgr.GetScheme(), conversion.NewRegistry())",
		}},
	}.Overlay()}
	return all
}

func (m metallb) image(program string) oci.Image {
	all := m.programs()
	return static("quay.io/metallb/"+program+":"+m.version, all, program)
}

func (m metallb) manifest() source.ModuleFile {
	return source.ModuleFile{Dir: "programs/" + m.group, Module: metallbModule, Path: "config/manifests/metallb-native.yaml"}
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
	image := static(RegistryImage, ownMain("registry", "registry"), "registry")
	image.Layers = append(image.Layers, oci.Files{Title: "registry-config", Files: []oci.File{
		oci.Data("etc/distribution/config.yml", oci.Text(registryConfig)),
	}})
	image.Config.Cmd = []string{"serve", "/etc/distribution/config.yml"}
	return image
}
