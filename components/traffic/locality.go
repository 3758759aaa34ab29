package traffic

import (
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1beta1"

	"istio-lab/components/cluster"
)

// LocalityType is the type of the component. It is part of every child's URN.
const LocalityType = "istio-lab:traffic:Locality"

// LocalityArgs says where the rule is put.
type LocalityArgs struct {
	Cluster cluster.Cluster
	// Namespace is the service's.
	Namespace string
	// After is what has to be there first: the namespace and Istio. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *LocalityArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Namespace == "" {
		return errors.New("cluster and namespace are required")
	}
	return nil
}

// Locality is the rule by which the callers in a cluster keep to simple-backend in their own locality, as long as it is healthy.
type Locality struct {
	pulumi.ResourceState
}

// NewLocality makes the rule, or nothing when the arguments are refused.
func NewLocality(ctx *pulumi.Context, name string, args *LocalityArgs, opts ...pulumi.ResourceOption) (*Locality, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("locality %q: %w", name, err)
	}
	l := &Locality{}
	if err := ctx.RegisterComponentResource(LocalityType, name, l, opts...); err != nil {
		return nil, err
	}
	_, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: networkingAPI, Kind: "DestinationRule",
		Metadata: cluster.Metadata{Name: "simple-backend-dr", Namespace: args.Namespace},
		Fields:   pulumi.Map{"spec": cluster.Spec(destinationRule())},
	}, l, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("locality %q: %w", name, err)
	}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{})
}

// destinationRule has the manual's figures. Locality counts only where outliers are detected: without the one, Istio
// does not know when to leave the other.
func destinationRule() *networking.DestinationRule {
	return &networking.DestinationRule{
		Host: simpleBackendService,
		TrafficPolicy: &networking.TrafficPolicy{
			ConnectionPool: &networking.ConnectionPoolSettings{Http: &networking.ConnectionPoolSettings_HTTPSettings{
				Http2MaxRequests: 10, MaxRequestsPerConnection: 10,
			}},
			OutlierDetection: &networking.OutlierDetection{
				Consecutive_5XxErrors: wrapperspb.UInt32(1),
				Interval:              durationpb.New(20 * time.Second),
				BaseEjectionTime:      durationpb.New(30 * time.Second),
				// Not the manual's. Its Envoy ejects one endpoint at least; a newer one goes by the percentage, 10 by default, and of
				// two endpoints would never eject one.
				MaxEjectionPercent: 100,
			},
		},
	}
}
