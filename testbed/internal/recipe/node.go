package recipe

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// nodeVersion is what the node image of one Kubernetes version is made of.
type nodeVersion struct {
	// name tells this node's artifacts from those of the others.
	name string
	// version is Kubernetes' version, with the leading v.
	version string
	// kind is the module of the kind release that built this version's node image.
	kind source.Module
	// The programs of the node and of its control plane.
	kubernetes, containerd, etcd, coredns source.Programs
	// images are the names under which kubeadm, containerd's configuration and kind's manifests ask for what the node holds.
	images nodeImages
}

// nodeImages are the names of the images that a node holds from the start, besides those that are named by Kubernetes' version.
type nodeImages struct {
	etcd, coredns, sandbox          string
	network, storage, storageHelper string
}

// nodeSystem is a node's operating system: the packages of kind's base image, as far as nodes use them here (see the README), with
// Debian's runc.
var nodeSystem = debian.Layer{
	Title: "node-system",
	Packages: []string{
		"systemd",
		"conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount", "kmod",
		"libseccomp2", "pigz", "runc",
		"bash", "ca-certificates", "curl", "jq", "procps",
	},
	// What kind's build removes from Debian: units of a real machine.
	Drop: []string{
		"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
		"usr/lib/systemd/system/multi-user.target.wants/*",
		"etc/systemd/system/*.wants/*",
		"usr/lib/systemd/system/local-fs.target.wants/*",
		"usr/lib/systemd/system/sockets.target.wants/*udev*",
		"usr/lib/systemd/system/sockets.target.wants/*initctl*",
		"usr/lib/systemd/system/basic.target.wants/*",
	},
}

// cniPlugins connect pods to the node.
var cniPlugins = programs("cni-plugins", "",
	"github.com/containernetworking/plugins/plugins/ipam/host-local",
	"github.com/containernetworking/plugins/plugins/main/loopback",
	"github.com/containernetworking/plugins/plugins/main/ptp",
	"github.com/containernetworking/plugins/plugins/meta/portmap",
)

// ref is the name of the node's image.
func (n nodeVersion) ref() string { return "kindest/node:" + n.version }

// image is the image of a whole Kubernetes node, made as kind makes it.
func (n nodeVersion) image() oci.Image {
	return oci.Image{
		Ref:    n.ref(),
		Layers: []artifact.Artifact{nodeSystem, n.programs(), kindFiles{n}, imageStore{n}},
		Config: v1.Config{
			Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
			Env:        []string{"container=docker", "HTTP_PROXY=", "HTTPS_PROXY=", "NO_PROXY="},
			// systemd stops at a signal of its own.
			StopSignal: "SIGRTMIN+3",
		},
	}
}

// programs is the layer of the programs that run on the node itself, where kind has them.
func (n nodeVersion) programs() oci.Files {
	layer := oci.Files{Title: "node-programs-" + n.name}
	add := func(dir string, from source.Programs, names ...string) {
		for _, name := range names {
			layer.Files = append(layer.Files, oci.Program(dir+name, artifact.Of(from, name)))
		}
	}
	add("usr/bin/", n.kubernetes, "kubeadm", "kubectl", "kubelet")
	add("usr/local/bin/", n.containerd, "containerd", "containerd-shim-runc-v2", "ctr")
	add("opt/cni/bin/", cniPlugins, "host-local", "loopback", "portmap", "ptp")
	return layer
}
