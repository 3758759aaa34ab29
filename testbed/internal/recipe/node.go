package recipe

import (
	"embed"
	"io/fs"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
)

//go:embed all:node/files
var nodeFiles embed.FS

const nodeFilesRoot = "node/files/"

// nodeSystem is a node's operating system: systemd, a container runtime, and what kubelet calls.
var nodeSystem = debian.Layer{
	Title: "node-system",
	Packages: []string{
		"systemd", "containerd", "runc", "containernetworking-plugins",
		"conntrack", "iptables", "iproute2", "ethtool", "socat", "kmod", "mount", "procps",
		"bash", "ca-certificates", "curl",
	},
	Drop: []string{
		// A node starts what the layer of its files enables, and nothing of a machine's or of the kernel's.
		"etc/systemd/system/*.wants",
		"usr/lib/systemd/system/multi-user.target.wants/*",
		"usr/lib/systemd/system/local-fs.target.wants/*",
		"usr/lib/systemd/system/basic.target.wants/*",
		"usr/lib/systemd/system/sockets.target.wants/*initctl*",
		"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
		"usr/lib/systemd/system/sysinit.target.wants/systemd-firstboot.service",
		"usr/lib/systemd/system/sysinit.target.wants/*binfmt*",
		// Large, and never run.
		"usr/bin/containerd-stress", "usr/bin/containerd-shim", "usr/bin/containerd-shim-runc-v1",
		"usr/lib/cni/dhcp", "usr/lib/cni/firewall", "usr/lib/cni/*vlan", "usr/lib/cni/bandwidth",
		"usr/lib/cni/host-device", "usr/lib/cni/vrf", "usr/lib/cni/sbr", "usr/lib/cni/tuning", "usr/lib/cni/static",
	},
}

// node is the image of a whole Kubernetes node, as kind expects it.
func node() oci.Image {
	software := nodeSoftware()
	return oci.Image{
		Ref: NodeImage,
		Layers: append(software.Layers,
			oci.Files{Title: "node-files", Files: nodeLayout()},
			imageStore{node: software, images: controlPlane()}),
		Config: v1.Config{
			// kind starts a node like this: systemd wants to know that it is in a container, and stops at a signal of its own.
			Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
			Env:        []string{"container=docker"},
			StopSignal: "SIGRTMIN+3",
		},
	}
}

// nodeSoftware is what a node runs, not set up yet.
func nodeSoftware() oci.Image {
	programs := oci.Files{Title: "node-programs"}
	for _, name := range []string{"kubeadm", "kubectl", "kubelet"} {
		programs.Files = append(programs.Files, oci.Program("usr/bin/"+name, artifact.Of(kubernetes, name)))
	}
	return oci.Image{
		Ref:    "istio-lab-testbed/node-software:" + kubernetesVersion,
		Layers: []artifact.Artifact{nodeSystem, programs},
	}
}

// nodeLayout is all that makes a node of Debian and of Kubernetes' programs.
func nodeLayout() []oci.File {
	const wants = "etc/systemd/system/multi-user.target.wants/"
	files := []oci.File{
		oci.Data("kind/version", oci.Text(kubernetesVersion)),
		oci.Link("usr/sbin/init", "../lib/systemd/systemd"),
		oci.Link("opt/cni/bin", "../../usr/lib/cni"),
		oci.Folder("etc/cni/net.d", 0o755),
		oci.Folder("etc/containerd/certs.d", 0o755),
		oci.Folder("etc/kubernetes/manifests", 0o755),
	}
	for _, unit := range []string{"containerd.service", "kubelet.service", "undo-mount-hacks.service"} {
		files = append(files, oci.Link(wants+unit, "../"+unit))
	}
	// The tree is part of the program: walking it cannot fail.
	_ = fs.WalkDir(nodeFiles, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, nodeFile(strings.TrimPrefix(path, nodeFilesRoot)))
		}
		return err
	})
	return files
}

// nodeFile is a file of node/files, in the same place of an image.
func nodeFile(path string) oci.File {
	content, err := nodeFiles.ReadFile(nodeFilesRoot + path)
	if err != nil {
		panic(err) // The file is named in this package, and missing from it.
	}
	if strings.HasPrefix(path, "usr/local/") || strings.HasPrefix(path, "kind/bin/") {
		return oci.Program(path, oci.Text(content))
	}
	return oci.Data(path, oci.Text(content))
}
