// Package kind makes a kind cluster of one node out of Docker and TLS resources alone: no kind binary, no docker exec. The kind
// command finds it all the same, by the labels of its container.
package kind

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// ClusterType is the type of the component. It is part of every child's URN.
const ClusterType = "istio-lab:kind:Cluster"

// bootTimeoutSeconds bounds the wait for a node. Measured: 20 to 30 s for two nodes at once on two cores; image pulls are
// not part of it, and a slow laptop is allowed ten times as long.
const bootTimeoutSeconds = 300

// ClusterArgs says what the cluster is to be.
type ClusterArgs struct {
	// Cluster is the names, addresses, ports and ranges, as allotted to the student.
	allot.Cluster
	// Image is the reference of a kindest/node image that the Docker engine has. A tag that moves does not replace the node.
	Image pulumi.StringInput
	// Network is the name of the Docker network; Address lies in it.
	Network pulumi.StringInput
	// ListenAddress is where the API server and the NodePorts are published on the host.
	ListenAddress netip.Addr
	// NodeLabels are given to the Kubernetes node at registration.
	NodeLabels map[string]string
	// Mirrors maps a registry's host to the URL that containerd asks first.
	Mirrors map[string]string
	// KubeletFeatureGates are switched on or off in kubelet.
	KubeletFeatureGates map[string]bool
	// Owner is who holds the container.
	Owner owner.Owner
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ClusterArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Name == "" || a.Node == "" {
		problems = append(problems, errors.New("name and node are required"))
	}
	if a.Image == nil || a.Network == nil {
		problems = append(problems, errors.New("image and network are required"))
	}
	for what, address := range map[string]netip.Addr{"address": a.Address, "listen address": a.ListenAddress} {
		if !address.IsValid() {
			problems = append(problems, fmt.Errorf("%s is not an address", what))
		}
	}
	if a.APIPort == 0 {
		problems = append(problems, errors.New("API port is required"))
	}
	if !a.PodSubnet.IsValid() || !a.ServiceSubnet.IsValid() || a.PodSubnet.Overlaps(a.ServiceSubnet) {
		problems = append(problems, fmt.Errorf("pod range %s and service range %s are to be two apart", a.PodSubnet, a.ServiceSubnet))
	}
	return errors.Join(problems...)
}

// Cluster is a kind cluster whose API answers and whose node is Ready.
type Cluster struct {
	pulumi.ResourceState
	cluster.Cluster
	// Kubeconfig is for this host, InternalKubeconfig for containers on the Docker network. Both are secret.
	Kubeconfig, InternalKubeconfig pulumi.StringOutput
}

// NewCluster makes the cluster, or nothing when the arguments are refused.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("kind cluster %q: %w", name, err)
	}
	c := &Cluster{}
	if err := ctx.RegisterComponentResource(ClusterType, name, c, opts...); err != nil {
		return nil, err
	}
	ca, err := newAuthority(ctx, name, c)
	if err != nil {
		return nil, fmt.Errorf("kind cluster %q: certificates: %w", name, err)
	}
	node, err := newNode(ctx, name, args, ca, c)
	if err != nil {
		return nil, fmt.Errorf("kind cluster %q: node: %w", name, err)
	}
	server := "https://" + net.JoinHostPort(reachable(args.ListenAddress).String(), strconv.Itoa(args.APIPort))
	c.Kubeconfig = kubeconfig(args.Name, server, ca)
	c.InternalKubeconfig = kubeconfig(args.Name, "https://"+args.Node+":6443", ca)
	provider, err := kubernetes.NewProvider(ctx, name, &kubernetes.ProviderArgs{
		Kubeconfig: c.Kubeconfig,
		// A new node under the same kubeconfig is another cluster.
		ClusterIdentifier: node.ID(),
		// A node that is gone has taken its objects with it.
		DeleteUnreachable:   pulumi.Bool(true),
		EnableSecretMutable: pulumi.Bool(true),
		// What a killed `up` made and did not write down is taken over by the next.
		UpsertExistingObjects: pulumi.Bool(true),
		// client-go's own limits, 5 and 10, make a queue of a lab's objects.
		KubeClientSettings: &kubernetes.KubeClientSettingsArgs{Qps: pulumi.Float64(50), Burst: pulumi.Int(100)},
	}, pulumi.Parent(c))
	if err != nil {
		return nil, fmt.Errorf("kind cluster %q: provider: %w", name, err)
	}
	c.Cluster = cluster.Cluster{Name: args.Name, Provider: provider}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"kubeconfig": c.Kubeconfig, "internalKubeconfig": c.InternalKubeconfig, "node": node.Name,
	})
}

// reachable is the address under which a port published at a is reached from the host itself.
func reachable(a netip.Addr) netip.Addr {
	switch a {
	case netip.IPv4Unspecified():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case netip.IPv6Unspecified():
		return netip.IPv6Loopback()
	}
	return a
}

// newNode makes the container as kind does, and waits until the Kubernetes in it is ready.
func newNode(ctx *pulumi.Context, name string, args *ClusterArgs, ca authority, parent pulumi.Resource) (*docker.Container, error) {
	labels := docker.ContainerLabelArray{
		&docker.ContainerLabelArgs{Label: pulumi.String("io.x-k8s.kind.cluster"), Value: pulumi.String(args.Name)},
		&docker.ContainerLabelArgs{Label: pulumi.String("io.x-k8s.kind.role"), Value: pulumi.String("control-plane")},
	}
	for _, label := range args.Owner.Labels() {
		labels = append(labels, &docker.ContainerLabelArgs{
			Label: pulumi.String(label.Key), Value: pulumi.String(label.Value),
		})
	}
	return docker.NewContainer(ctx, name, &docker.ContainerArgs{
		Name:         pulumi.String(args.Node),
		Hostname:     pulumi.String(args.Node),
		Image:        args.Image,
		Labels:       labels,
		Privileged:   pulumi.Bool(true),
		SecurityOpts: pulumi.ToStringArray([]string{"seccomp=unconfined", "apparmor=unconfined", "label=disable"}),
		CgroupnsMode: pulumi.String("private"),
		Tty:          pulumi.Bool(true),
		Init:         pulumi.Bool(false), // systemd is to be process 1
		Tmpfs:        pulumi.StringMap{"/tmp": pulumi.String(""), "/run": pulumi.String("")},
		Volumes: docker.ContainerVolumeArray{
			&docker.ContainerVolumeArgs{ContainerPath: pulumi.String("/var")},
			&docker.ContainerVolumeArgs{
				HostPath: pulumi.String("/lib/modules"), ContainerPath: pulumi.String("/lib/modules"), ReadOnly: pulumi.Bool(true),
			},
		},
		Envs: pulumi.ToStringArray([]string{"KUBECONFIG=/etc/kubernetes/admin.conf"}),
		NetworksAdvanced: docker.ContainerNetworksAdvancedArray{
			&docker.ContainerNetworksAdvancedArgs{Name: args.Network, Ipv4Address: pulumi.String(args.Address.String())},
		},
		Ports:   publish(args),
		Uploads: uploads(args, ca),
		// Comes back with the engine, and is left alone once stopped by hand.
		Restart:       pulumi.String("on-failure"),
		MaxRetryCount: pulumi.Int(1),
		// Otherwise a refresh deletes a stopped node, its volume included.
		MustRun: pulumi.Bool(false),
		Healthcheck: &docker.ContainerHealthcheckArgs{
			Tests:       pulumi.ToStringArray([]string{"CMD", "/bin/sh", "/kind/pulumi/health.sh"}),
			Interval:    pulumi.String("10s"),
			Timeout:     pulumi.String("5m0s"),
			StartPeriod: pulumi.String("0s"),
			Retries:     pulumi.Int(3),
		},
		Wait:        pulumi.Bool(true),
		WaitTimeout: pulumi.Int(bootTimeoutSeconds),
	},
		pulumi.Parent(parent),
		pulumi.DeleteBeforeReplace(true), // name, address and ports are taken until then
		// A node that did not become ready is made anew by the next `up`; an update would count it as good.
		pulumi.ReplaceOnChanges([]string{"#initerror"}),
		// The log's are read back from the daemon's defaults; the labels say who made the container, and where from.
		pulumi.IgnoreChanges([]string{"logDriver", "logOpts", "labels"}),
		pulumi.AdditionalSecretOutputs([]string{"uploads"}),
	)
}

// publish lists the ports by ascending port of the node, the order in which Docker reports them.
func publish(args *ClusterArgs) docker.ContainerPortArray {
	port := func(node, host int) *docker.ContainerPortArgs {
		return &docker.ContainerPortArgs{
			Internal: pulumi.Int(node), External: pulumi.Int(host),
			Ip: pulumi.String(args.ListenAddress.String()), Protocol: pulumi.String("tcp"),
		}
	}
	ports := docker.ContainerPortArray{port(6443, args.APIPort)}
	for _, p := range args.Ports {
		ports = append(ports, port(p.Node, p.Host))
	}
	return ports
}
