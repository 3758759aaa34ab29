package recipe

import (
	"fmt"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// kubernetes are Kubernetes' programs, which read their version from variables that the linker sets.
func kubernetes(group, version string) source.Programs {
	var flags string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags += fmt.Sprintf(" -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=1 -X %[1]s.gitMinor=%[3]d -X %[1]s.gitTreeState=clean",
			pkg, version, minor(version))
	}
	return programs(group, flags,
		"k8s.io/kubernetes/cmd/kubeadm",
		"k8s.io/kubernetes/cmd/kubectl",
		"k8s.io/kubernetes/cmd/kubelet",
		"k8s.io/kubernetes/cmd/kube-apiserver",
		"k8s.io/kubernetes/cmd/kube-controller-manager",
		"k8s.io/kubernetes/cmd/kube-scheduler",
		"k8s.io/kubernetes/cmd/kube-proxy",
	)
}

// minor is the second number of a version of Kubernetes such as v1.36.4.
func minor(version string) int {
	number, err := strconv.Atoi(strings.Split(version, ".")[1])
	if err != nil {
		panic(err) // The versions are constants of this package.
	}
	return number
}

// containerd are the programs that kind takes from containerd, without the snapshotters that it leaves out.
func containerd(group, module, version string) source.Programs {
	all := programs(group, "-X "+module+"/version.Version="+version,
		module+"/cmd/containerd", module+"/cmd/containerd-shim-runc-v2", module+"/cmd/ctr")
	all.Tags = []string{"no_aufs", "no_zfs", "no_btrfs", "no_devmapper"}
	return all
}

// localPathProvisioner makes the volumes of persistent volume claims in folders of the node.
var localPathProvisioner = programs("local-path-provisioner", "", "github.com/rancher/local-path-provisioner")

// own are the test bed's own programs for what no registry has.
var own = source.Programs{
	Title: "testbed", Dir: ".",
	Packages: []string{"./cmd/cni", "./cmd/pause"}, Sources: []string{"cmd/cni", "cmd/pause"},
}

// preloaded are the images that a node holds from the start.
func (n nodeVersion) preloaded() []oci.Image {
	const host = "registry.k8s.io/"
	return []oci.Image{
		static(host+"kube-apiserver:"+n.version, n.kubernetes, "kube-apiserver"),
		static(host+"kube-controller-manager:"+n.version, n.kubernetes, "kube-controller-manager"),
		static(host+"kube-scheduler:"+n.version, n.kubernetes, "kube-scheduler"),
		withIptables(host+"kube-proxy:"+n.version, n.kubernetes, "kube-proxy"),
		programAs("etcd", n.images.etcd, n.etcd, "server"),
		static(n.images.coredns, n.coredns, "coredns"),
		static(n.images.sandbox, own, "pause"),
		withIptables(n.images.network, own, "cni"),
		static(n.images.storage, localPathProvisioner, "local-path-provisioner"),
		// The provisioner runs sh, mkdir and rm in it.
		{Ref: n.images.storageHelper, Layers: []artifact.Artifact{base}, Config: v1.Config{Cmd: []string{"sh"}}},
	}
}

// static is the image of a program that needs nothing beside itself.
func static(ref string, programs source.Programs, name string) oci.Image {
	return programAs(name, ref, programs, name)
}

// programAs is static for a program that is called otherwise in its image than where it is built.
func programAs(name, ref string, programs source.Programs, built string) oci.Image {
	path := "usr/local/bin/" + name
	return oci.Image{
		Ref: ref,
		Layers: []artifact.Artifact{oci.Files{
			Title: programs.Title + "-" + name, Files: []oci.File{oci.Program(path, artifact.Of(programs, built))},
		}},
		Config: v1.Config{Entrypoint: []string{"/" + path}},
	}
}

// chooseTables starts a program after it has made iptables write to those of the kernel's two sets of tables that the node's kubelet
// has its chain in. Rules in the other set would be invisible to the node.
const chooseTables = `#!/bin/sh
flavor=nft
if iptables-legacy-save --table mangle 2>/dev/null | grep --quiet --extended-regexp '^:KUBE-(IPTABLES-HINT|KUBELET-CANARY)'; then
  flavor=legacy
fi
for command in iptables ip6tables; do
  update-alternatives --set $command /usr/sbin/$command-$flavor >/dev/null
done
exec /usr/local/lib/%s "$@"
`

// withIptables is the image of a program that writes iptables rules in the node's network namespace. Manifests name the program by its
// path, hence the launcher in its place.
func withIptables(ref string, programs source.Programs, name string) oci.Image {
	path := "usr/local/bin/" + name
	return oci.Image{
		Ref: ref,
		Layers: []artifact.Artifact{base, oci.Files{Title: programs.Title + "-" + name, Files: []oci.File{
			oci.Program(path, oci.Text(fmt.Sprintf(chooseTables, name))),
			oci.Program("usr/local/lib/"+name, artifact.Of(programs, name)),
		}}},
		Config: v1.Config{Entrypoint: []string{"/" + path}},
	}
}
