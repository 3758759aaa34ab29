package apps

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
)

// Namespace is where the applications are.
const Namespace = "istioinaction"

// SpaceType is the type of the component. It is part of every child's URN.
const SpaceType = "istio-lab:apps:Space"

// SpaceArgs says where the namespace is made.
type SpaceArgs struct {
	Cluster cluster.Cluster
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *SpaceArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil {
		return errors.New("cluster is required")
	}
	return nil
}

// Space is the namespace istioinaction, whose pods get a sidecar.
type Space struct {
	pulumi.ResourceState
	// Namespace is what has to be there before anything in it.
	Namespace *cluster.Object
}

// NewSpace makes the namespace, or nothing when the arguments are refused.
func NewSpace(ctx *pulumi.Context, name string, args *SpaceArgs, opts ...pulumi.ResourceOption) (*Space, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("namespace %q: %w", name, err)
	}
	s := &Space{}
	if err := ctx.RegisterComponentResource(SpaceType, name, s, opts...); err != nil {
		return nil, err
	}
	namespace, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "v1", Kind: "Namespace",
		Metadata: cluster.Metadata{Name: Namespace, Labels: map[string]string{"istio-injection": "enabled"}},
	}, s)
	if err != nil {
		return nil, fmt.Errorf("namespace %q: %w", name, err)
	}
	s.Namespace = namespace
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{})
}
