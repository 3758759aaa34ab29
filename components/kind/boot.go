package kind

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var (
	//go:embed boot/bootstrap.sh
	bootstrapScript string
	//go:embed boot/health.sh
	healthScript string
	//go:embed boot/containerd.sh
	containerdScript string
	//go:embed boot/services.sh
	servicesScript string
	//go:embed boot/bootstrap.service
	bootstrapUnit string
	//go:embed boot/wants.conf
	wantsBootstrap string
	//go:embed boot/containerd.conf
	containerdDropIn string
	//go:embed boot/containerd-userns.conf
	containerdUserNamespace string
	//go:embed boot/kubelet.conf
	kubeletDropIn string
)

// uploads are the files that make a control plane of a node image at its first boot. They may lie in /var, a volume, but
// not in /run or /tmp, which a tmpfs hides.
func uploads(args *ClusterArgs, ca authority) docker.ContainerUploadArray {
	file := func(path, mode string, content pulumi.StringInput) *docker.ContainerUploadArgs {
		return &docker.ContainerUploadArgs{
			File: pulumi.String(path), Permissions: pulumi.String(mode), Content: content.ToStringOutput(),
		}
	}
	text := func(path, mode, content string) *docker.ContainerUploadArgs {
		return file(path, mode, pulumi.String(content))
	}
	files := docker.ContainerUploadArray{
		// kubeadm takes a CA that is already there, and makes the rest of the PKI itself.
		file("/etc/kubernetes/pki/ca.crt", "0644", ca.certificate),
		file("/etc/kubernetes/pki/ca.key", "0600", ca.key),
		text("/kind/pulumi/kubeadm-v1beta3.conf", "0644", kubeadmConfig(args, v1beta3)),
		text("/kind/pulumi/kubeadm-v1beta4.conf", "0644", kubeadmConfig(args, v1beta4)),
		text("/kind/pulumi/environment", "0644", fmt.Sprintf("POD_SUBNET=%s\nNODE_POD_RANGE=%s\nSERVICE_SUBNET=%s\n",
			args.PodSubnet, nodePodRange(args.PodSubnet), args.ServiceSubnet)),
		text("/kind/pulumi/bootstrap.sh", "0755", bootstrapScript),
		text("/kind/pulumi/health.sh", "0755", healthScript),
		text("/kind/pulumi/services.sh", "0755", servicesScript),
		text("/kind/pulumi/containerd.sh", "0755", containerdScript),
		text("/etc/systemd/system/containerd.service.d/50-istio-lab.conf", "0644", containerdDropIn),
		text("/etc/systemd/system/kubelet.service.d/50-istio-lab.conf", "0644", kubeletDropIn),
		text("/etc/systemd/system/istio-lab-bootstrap.service", "0644", bootstrapUnit),
		text("/etc/systemd/system/multi-user.target.d/50-istio-lab.conf", "0644", wantsBootstrap),
	}
	if args.KubeletFeatureGates["KubeletInUserNamespace"] {
		files = append(files,
			text("/etc/systemd/system/containerd.service.d/50-istio-lab-userns.conf", "0644", containerdUserNamespace))
	}
	for _, host := range slices.Sorted(maps.Keys(args.Mirrors)) {
		files = append(files, text("/etc/containerd/certs.d/"+host+"/hosts.toml", "0644", hostsFile(host, args.Mirrors[host])))
	}
	return files
}

// hostsFile tells containerd to ask the mirror first for the images of a registry, and then the registry itself.
func hostsFile(host, mirror string) string {
	server := "https://" + host
	if host == "docker.io" {
		server = "https://registry-1.docker.io"
	}
	return fmt.Sprintf("server = %q\n\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n",
		server, strings.TrimSuffix(mirror, "/"))
}
