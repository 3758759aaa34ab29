package recipe

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/debian"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// kubernetes are the programs of a node and of its control plane. They tell their version by variables that are set
// when they are linked; and one of their dependencies refers to a name of the standard library that Go has closed since.
var kubernetes = programs("kubernetes", "-checklinkname=0"+
	" -X k8s.io/component-base/version.gitVersion="+kubernetesVersion+
	" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=26"+
	" -X k8s.io/component-base/version.gitTreeState=clean"+
	" -X k8s.io/client-go/pkg/version.gitVersion="+kubernetesVersion+
	" -X k8s.io/client-go/pkg/version.gitMajor=1 -X k8s.io/client-go/pkg/version.gitMinor=26",
	"k8s.io/kubernetes/cmd/kubeadm",
	"k8s.io/kubernetes/cmd/kubectl",
	"k8s.io/kubernetes/cmd/kubelet",
	"k8s.io/kubernetes/cmd/kube-apiserver",
	"k8s.io/kubernetes/cmd/kube-controller-manager",
	"k8s.io/kubernetes/cmd/kube-scheduler",
	"k8s.io/kubernetes/cmd/kube-proxy",
)

var coredns = programs("coredns", "", "github.com/coredns/coredns")

// own are the test bed's own programs.
var own = source.Programs{
	Title: "testbed", Dir: ".",
	Packages: []string{"./cmd/cni", "./cmd/pause"}, Sources: []string{"cmd/cni", "cmd/pause"},
}

// etcd is the program alone: the package also brings a service that would take etcd's port on a node.
var etcd = debian.Layer{
	Title: "etcd", Extract: true,
	Packages: []string{"etcd-server"}, Keep: []string{"usr/bin/etcd"},
}

// controlPlane are the images that a node holds from the start, under the names that kubeadm and the
// manifest of the pod network ask for.
func controlPlane() []oci.Image {
	const host = "registry.k8s.io/"
	return []oci.Image{
		static(host+"kube-apiserver:"+kubernetesVersion, kubernetes, "kube-apiserver"),
		static(host+"kube-controller-manager:"+kubernetesVersion, kubernetes, "kube-controller-manager"),
		static(host+"kube-scheduler:"+kubernetesVersion, kubernetes, "kube-scheduler"),
		withIptables(host+"kube-proxy:"+kubernetesVersion, kubernetes, "kube-proxy"),
		withIptables("localhost/testbed/cni:node", own, "cni"),
		static(host+"coredns/coredns:v1.9.3", coredns, "coredns"),
		static(host+"pause:3.9", own, "pause"),
		{Ref: host + "etcd:3.5.10-0", Layers: []artifact.Artifact{base, etcd}},
	}
}

// static is the image of a program that needs nothing beside itself.
func static(ref string, programs source.Programs, name string) oci.Image {
	path := "usr/local/bin/" + name
	return oci.Image{
		Ref:    ref,
		Layers: []artifact.Artifact{oci.Files{Title: name, Files: []oci.File{oci.Program(path, artifact.Of(programs, name))}}},
		Config: v1.Config{Entrypoint: []string{"/" + path}},
	}
}

// withIptables is the image of a program that writes iptables rules in the node's network namespace, and that must
// write them to the tables that the node uses. A pod names the program by its path, hence the launcher in its place.
func withIptables(ref string, programs source.Programs, name string) oci.Image {
	path := "usr/local/bin/" + name
	return oci.Image{
		Ref: ref,
		Layers: []artifact.Artifact{base, oci.Files{Title: name, Files: []oci.File{
			oci.Program(path, oci.Text("#!/bin/sh\nselect-iptables\nexec /usr/local/lib/"+name+" \"$@\"\n")),
			oci.Program("usr/local/lib/"+name, artifact.Of(programs, name)),
			nodeFile("usr/local/sbin/select-iptables"),
		}}},
		Config: v1.Config{Entrypoint: []string{"/" + path}},
	}
}
