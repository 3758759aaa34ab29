// Package existing takes a cluster that a person has for one of the lab's.
package existing

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/owner"
)

// ClusterType is the type of the component. It is part of every child's URN.
const ClusterType = "istio-lab:existing:Cluster"

// ClusterArgs says which cluster it is.
type ClusterArgs struct {
	// Name is the lab's name for the cluster, such as west.
	Name string
	// Kubeconfig is of one context, with all that it refers to. It is kept secret.
	Kubeconfig string
	// Identity is the UID of the namespace kube-system, which no other cluster has.
	Identity string
	// Owner is the stack whose objects are put into the cluster.
	Owner owner.Owner
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ClusterArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	if a.Name == "" || a.Kubeconfig == "" || a.Identity == "" {
		return errors.New("name, kubeconfig and identity are required")
	}
	return nil
}

// Cluster is a cluster that was there before the lab, and stays after it. What the lab puts into it, it takes out again.
type Cluster struct {
	pulumi.ResourceState
	cluster.Cluster
}

// NewCluster makes a provider for the cluster, or nothing when the arguments are refused. The cluster itself is left as it is.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("existing cluster %q: %w", name, err)
	}
	c := &Cluster{}
	if err := ctx.RegisterComponentResource(ClusterType, name, c, opts...); err != nil {
		return nil, err
	}
	var err error
	c.Cluster, err = cluster.New(ctx, args.Name, cluster.Access{
		Kubeconfig: pulumi.ToSecret(pulumi.String(args.Kubeconfig)).(pulumi.StringOutput),
		Identity:   pulumi.String(args.Identity),
		Guest:      &args.Owner,
	}, c)
	if err != nil {
		return nil, fmt.Errorf("existing cluster %q: provider: %w", name, err)
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"kubeconfig": c.Kubeconfig})
}
