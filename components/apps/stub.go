package apps

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
)

// StubType is the type of the component. It is part of every child's URN.
const StubType = "istio-lab:apps:Stub"

// StubArgs says which application has a stub where.
type StubArgs struct {
	App
	Cluster cluster.Cluster
	// After is what has to be there first: the namespace. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *StubArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Name == "" || a.Port == 0 {
		return errors.New("cluster, name and port are required")
	}
	return nil
}

// Stub is a Service without pods: the name of an application that runs in another cluster, so that DNS knows it here.
type Stub struct {
	pulumi.ResourceState
}

// NewStub makes the stub, or nothing when the arguments are refused.
func NewStub(ctx *pulumi.Context, name string, args *StubArgs, opts ...pulumi.ResourceOption) (*Stub, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("stub %q: %w", name, err)
	}
	s := &Stub{}
	if err := ctx.RegisterComponentResource(StubType, name, s, opts...); err != nil {
		return nil, err
	}
	if err := newService(ctx, name, args.Cluster, args.App, s, pulumi.DependsOn(args.After)); err != nil {
		return nil, fmt.Errorf("stub %q: %w", name, err)
	}
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{})
}
