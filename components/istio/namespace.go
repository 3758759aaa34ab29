package istio

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
)

// SystemNamespace is where a control plane lives.
const SystemNamespace = "istio-system"

// SystemType is the type of the component. It is part of every child's URN.
const SystemType = "istio-lab:istio:System"

// SystemArgs says which network the control plane's cluster is on.
type SystemArgs struct {
	Cluster cluster.Cluster
	// Network is the mesh's name for the cluster's network; empty for a cluster on its own.
	Network string
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *SystemArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil {
		return errors.New("cluster is required")
	}
	return nil
}

// System is the namespace istio-system with its label.
type System struct {
	pulumi.ResourceState
	// Namespace is what has to be there before anything in it.
	Namespace *cluster.Object
}

// NewSystem makes the namespace, or nothing when the arguments are refused.
func NewSystem(ctx *pulumi.Context, name string, args *SystemArgs, opts ...pulumi.ResourceOption) (*System, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("istio-system %q: %w", name, err)
	}
	s := &System{}
	if err := ctx.RegisterComponentResource(SystemType, name, s, opts...); err != nil {
		return nil, err
	}
	metadata := cluster.Metadata{Name: SystemNamespace}
	if args.Network != "" {
		metadata.Labels = map[string]string{"topology.istio.io/network": args.Network}
	}
	namespace, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{APIVersion: "v1", Kind: "Namespace", Metadata: metadata}, s)
	if err != nil {
		return nil, fmt.Errorf("istio-system %q: %w", name, err)
	}
	s.Namespace = namespace
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{})
}
