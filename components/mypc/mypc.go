// Package mypc makes mypc, the manual's client: a container on the Docker network with curl, dig and tcpdump, at a known address.
package mypc

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/container"
	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// ClientType is the type of the component. It is part of every child's URN.
const ClientType = "istio-lab:mypc:Client"

// ClientArgs says what the client is to be.
type ClientArgs struct {
	allot.Container
	// Image is a reference to an image with a shell and curl, which is pulled if the engine does not have it.
	Image string
	// Network is the name of the Docker network; Address lies in it.
	Network pulumi.StringInput
	// Owner is who holds the container.
	Owner owner.Owner
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ClientArgs) Validate() error {
	if a == nil || a.Name == "" || !a.Address.IsValid() || a.Image == "" || a.Network == nil {
		return errors.New("name, address, image and network are required")
	}
	return nil
}

// Client is a container that waits to be used by docker exec.
type Client struct {
	pulumi.ResourceState
}

// NewClient makes the client, or nothing when the arguments are refused.
func NewClient(ctx *pulumi.Context, name string, args *ClientArgs, opts ...pulumi.ResourceOption) (*Client, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("client %q: %w", name, err)
	}
	c := &Client{}
	if err := ctx.RegisterComponentResource(ClientType, name, c, opts...); err != nil {
		return nil, err
	}
	_, err := container.NewBeside(ctx, name, container.Beside{
		Container: args.Container, Image: args.Image, Command: []string{"sleep", "infinity"}, Network: args.Network, Owner: args.Owner,
	}, c)
	if err != nil {
		return nil, fmt.Errorf("client %q: %w", name, err)
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{})
}
