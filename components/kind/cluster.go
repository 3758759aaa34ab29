// Package kind makes a kind cluster of one node out of Docker and TLS resources alone: no kind binary, no docker exec. The kind
// command finds it all the same, by the labels of its container.
package kind

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// ClusterType is the type of the component. It is part of every child's URN.
const ClusterType = "istio-lab:kind:Cluster"

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
	c.Kubeconfig = adminKubeconfig(args.Name, server, ca)
	c.InternalKubeconfig = adminKubeconfig(args.Name, "https://"+args.Node+":6443", ca)
	provider, err := kubernetes.NewProvider(ctx, name, &kubernetes.ProviderArgs{
		Kubeconfig: c.Kubeconfig,
		// A new node under the same kubeconfig is another cluster.
		ClusterIdentifier: node.ID(),
		// A node that is gone has taken its objects with it.
		DeleteUnreachable:   pulumi.Bool(true),
		EnableSecretMutable: pulumi.Bool(true),
		// What a killed `up` made and did not write down is taken over by the next.
		UpsertExistingObjects: pulumi.Bool(true),
		// Each run writes under a name of its own, and the fields that Kubernetes has filled in beside the killed run's own count as a
		// conflict. The lab is what its settings say, whoever changed it.
		EnablePatchForce: pulumi.Bool(true),
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
