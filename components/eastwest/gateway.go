// Package eastwest makes the gateway by which the clusters of other networks reach a cluster's services.
package eastwest

import (
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	networking "istio.io/api/networking/v1beta1"

	"istio-lab/components/cluster"
	"istio-lab/components/istio"
)

// GatewayType is the type of the component. It is part of every child's URN.
const GatewayType = "istio-lab:eastwest:Gateway"

// passthroughPort is where the gateway takes mutual TLS from other networks, by Istio's convention.
const passthroughPort = 15443

// GatewayArgs says what the gateway is to be.
type GatewayArgs struct {
	Cluster  cluster.Cluster
	Operator istio.Operator
	// Image is istioctl's.
	Image string
	// After is what has to be there first: the control plane. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
	// ReadinessTimeout bounds the wait for the gateway, the pull of its image included.
	ReadinessTimeout time.Duration
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *GatewayArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	installation := a.installation()
	return installation.Validate()
}

func (a *GatewayArgs) installation() *istio.InstallationArgs {
	return &istio.InstallationArgs{
		Cluster: a.Cluster, Operator: a.Operator, Image: a.Image, Gateway: true,
		After: a.After, ReadinessTimeout: a.ReadinessTimeout,
	}
}

// Gateway is an east-west gateway that lets every service of its cluster through, by name and without ending the callers' TLS.
type Gateway struct {
	pulumi.ResourceState
}

// NewGateway makes the gateway, or nothing when the arguments are refused.
func NewGateway(ctx *pulumi.Context, name string, args *GatewayArgs, opts ...pulumi.ResourceOption) (*Gateway, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("east-west gateway %q: %w", name, err)
	}
	g := &Gateway{}
	if err := ctx.RegisterComponentResource(GatewayType, name, g, opts...); err != nil {
		return nil, err
	}
	if _, err := istio.NewInstallation(ctx, name, args.installation(), pulumi.Parent(g)); err != nil {
		return nil, err
	}
	// Needs the control plane's definitions, and not the gateway, which reads it whenever it comes.
	_, err := args.Cluster.NewObject(ctx, name+"-expose-services", cluster.Manifest{
		APIVersion: "networking.istio.io/v1beta1", Kind: "Gateway",
		Metadata: cluster.Metadata{Name: "cross-network-gateway", Namespace: istio.SystemNamespace},
		Fields:   pulumi.Map{"spec": cluster.Spec(exposeServices())},
	}, g, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("east-west gateway %q: expose services: %w", name, err)
	}
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{})
}

// exposeServices opens all services of the mesh to the other networks. TLS goes on to the workload named by its SNI.
func exposeServices() *networking.Gateway {
	return &networking.Gateway{
		Selector: map[string]string{"istio": istio.EastWestLabel},
		Servers: []*networking.Server{{
			Port:  &networking.Port{Number: passthroughPort, Name: "tls", Protocol: "TLS"},
			Tls:   &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_AUTO_PASSTHROUGH},
			Hosts: []string{"*.local"},
		}},
	}
}
