// Package traffic makes what decides where requests go, and whether they may.
package traffic

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	networking "istio.io/api/networking/v1beta1"

	"istio-lab/components/cluster"
)

// networkingAPI is the version of Istio's networking API that every release of the lab serves.
const networkingAPI = "networking.istio.io/v1beta1"

// EntranceType is the type of the component. It is part of every child's URN.
const EntranceType = "istio-lab:traffic:Entrance"

// Entrance says by which host a service is reached from outside.
type Entrance struct {
	// Gateway and VirtualService are the names of the two objects.
	Gateway, VirtualService string
	// Host is the name that callers ask for.
	Host string
	// Service is the host of the service that answers, on port 80.
	Service string
	// Retries says what is tried again; nil for Istio's own default.
	Retries *networking.HTTPRetry
}

// EntranceArgs says which entrance is opened where.
type EntranceArgs struct {
	Entrance
	Cluster cluster.Cluster
	// Namespace is the service's.
	Namespace string
	// After is what has to be there first: the namespace and Istio. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *EntranceArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil || a.Namespace == "" {
		problems = append(problems, errors.New("cluster and namespace are required"))
	}
	if a.Gateway == "" || a.VirtualService == "" || a.Host == "" || a.Service == "" {
		problems = append(problems, errors.New("gateway, virtual service, host and service are required"))
	}
	return errors.Join(problems...)
}

// OpenEntrance is an entrance through the ingress gateway of its cluster.
type OpenEntrance struct {
	pulumi.ResourceState
}

// NewEntrance opens the entrance, or makes nothing when the arguments are refused.
func NewEntrance(ctx *pulumi.Context, name string, args *EntranceArgs, opts ...pulumi.ResourceOption) (*OpenEntrance, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("entrance %q: %w", name, err)
	}
	e := &OpenEntrance{}
	if err := ctx.RegisterComponentResource(EntranceType, name, e, opts...); err != nil {
		return nil, err
	}
	for _, object := range []cluster.Manifest{
		{
			Kind:     "Gateway",
			Metadata: cluster.Metadata{Name: args.Gateway},
			Fields:   pulumi.Map{"spec": cluster.Spec(args.gateway())},
		},
		{
			Kind:     "VirtualService",
			Metadata: cluster.Metadata{Name: args.VirtualService},
			Fields:   pulumi.Map{"spec": cluster.Spec(args.virtualService())},
		},
	} {
		object.APIVersion, object.Metadata.Namespace = networkingAPI, args.Namespace
		if _, err := args.Cluster.NewObject(ctx, name, object, e, pulumi.DependsOn(args.After)); err != nil {
			return nil, fmt.Errorf("entrance %q: %s: %w", name, object.Kind, err)
		}
	}
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{})
}

func (e Entrance) gateway() *networking.Gateway {
	return &networking.Gateway{
		Selector: map[string]string{"istio": "ingressgateway"},
		Servers: []*networking.Server{{
			Port:  &networking.Port{Number: 80, Name: "http", Protocol: "HTTP"},
			Hosts: []string{e.Host},
		}},
	}
}

func (e Entrance) virtualService() *networking.VirtualService {
	return &networking.VirtualService{
		Hosts:    []string{e.Host},
		Gateways: []string{e.Gateway},
		Http: []*networking.HTTPRoute{{
			Route: []*networking.HTTPRouteDestination{{
				Destination: &networking.Destination{Host: e.Service, Port: &networking.PortSelector{Number: 80}},
			}},
			Retries: e.Retries,
		}},
	}
}
