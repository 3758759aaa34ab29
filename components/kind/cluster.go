// Package kind makes a kind cluster of one node out of Docker and TLS resources alone: no kind binary, no docker exec. The kind
// command finds it all the same, by the labels of its container.
package kind

import (
	"errors"
	"fmt"
	"net/netip"

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
	// Replaces is the name of the cluster of this stack that has had the address and the ports so far; empty where none can have had them.
	// The engine takes the two nodes for one resource, and so deletes the old node, with all that is in it, before it creates the new one.
	Replaces string
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
	// InternalKubeconfig is for containers on the Docker network. It is secret.
	InternalKubeconfig pulumi.StringOutput
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
	server := "https://" + netip.AddrPortFrom(allot.Reachable(args.ListenAddress), uint16(args.APIPort)).String()
	c.InternalKubeconfig = adminKubeconfig(args.Name, "https://"+args.Node+":6443", ca)
	c.Cluster, err = cluster.New(ctx, args.Name, cluster.Access{
		Kubeconfig: adminKubeconfig(args.Name, server, ca),
		// A new node under the same kubeconfig is another cluster.
		Identity: node.ID(),
	}, c)
	if err != nil {
		return nil, fmt.Errorf("kind cluster %q: provider: %w", name, err)
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"kubeconfig": c.Kubeconfig, "internalKubeconfig": c.InternalKubeconfig, "node": node.Name,
	})
}
