// Package network makes the Docker network of one student, with a subnet that is known before anything runs.
package network

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// NetworkType is the type of the component. It is part of every child's URN.
const NetworkType = "istio-lab:network:Network"

// NetworkArgs says what the network is to be.
type NetworkArgs struct {
	allot.Network
	// Owner is who holds the network.
	Owner owner.Owner
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *NetworkArgs) Validate() error {
	if a == nil || a.Name == "" || !a.Subnet.IsValid() || !a.Gateway.IsValid() || !a.Dynamic.IsValid() {
		return errors.New("name, subnet, gateway and dynamic range are required")
	}
	return nil
}

// Network is a Docker bridge network.
type Network struct {
	pulumi.ResourceState
	// Name is the network's name, known once it is there.
	Name pulumi.StringOutput
}

// NewNetwork makes the network, or nothing when the arguments are refused.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	n := &Network{}
	if err := ctx.RegisterComponentResource(NetworkType, name, n, opts...); err != nil {
		return nil, err
	}
	labels := docker.NetworkLabelArray{}
	for _, label := range args.Owner.Labels() {
		labels = append(labels, &docker.NetworkLabelArgs{Label: pulumi.String(label.Key), Value: pulumi.String(label.Value)})
	}
	network, err := docker.NewNetwork(ctx, name, &docker.NetworkArgs{
		Name:   pulumi.String(args.Name),
		Driver: pulumi.String("bridge"),
		// The gateway is given although Docker would choose the same: it is read back, and its absence would be a difference.
		IpamConfigs: docker.NetworkIpamConfigArray{&docker.NetworkIpamConfigArgs{
			Subnet:  pulumi.String(args.Subnet.String()),
			Gateway: pulumi.String(args.Gateway.String()),
			IpRange: pulumi.String(args.Dynamic.String()),
		}},
		Labels: labels,
	},
		pulumi.Parent(n),
		pulumi.DeleteBeforeReplace(true),                    // the subnet is taken until then
		pulumi.IgnoreChanges([]string{"options", "labels"}), // options are read back; labels say who made it
	)
	if err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}
	n.Name = network.Name
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{"name": n.Name})
}
