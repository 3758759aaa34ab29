package recipe

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// base is the one Debian layer below every image that needs more than a static program. Nodes hold it already,
// for kube-proxy, so that an image on it is pulled without it.
var base = debian.Layer{
	Title: "debian",
	Packages: []string{
		"bash", "ca-certificates", "conntrack", "curl", "iproute2", "iptables", "iputils-ping", "kmod", "openssl", "procps",
	},
}

// tools is a computer with what a person looks into a network with.
var tools = debian.Layer{
	Title:    "debian-tools",
	Packages: append([]string{"bind9-dnsutils", "bind9-host", "jq", "netcat-openbsd", "tcpdump"}, base.Packages...),
}

// programs are the programs of a folder in programs/, at the versions that its go.mod pins.
func programs(group, ldflags string, packages ...string) source.Programs {
	return source.Programs{Title: group, Dir: "programs/" + group, Packages: packages, LDFlags: ldflags}
}

// ownMain is a program of a folder in programs/ whose main package is the test bed's own: it leaves out what takes long to compile.
func ownMain(group, program string) source.Programs {
	all := programs(group, "", "./"+program)
	all.Sources = []string{"go.mod", "go.sum", program}
	return all
}

// onBase is the image of a program on the base, with the files that it needs, for a person to look into.
func onBase(ref string, programs source.Programs, name string, files ...oci.File) oci.Image {
	path := "usr/local/bin/" + name
	files = append(files, oci.Program(path, artifact.Of(programs, name)))
	return oci.Image{
		Ref:    ref,
		Layers: []artifact.Artifact{base, oci.Files{Title: name, Files: files}},
		Config: v1.Config{Entrypoint: []string{"/" + path}},
	}
}
