package container

import (
	"fmt"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// Beside says what a container beside the clusters is to be: one process at an address of its own on the Docker network.
type Beside struct {
	allot.Container
	// Image is a reference to an image, which is pulled if the engine does not have it.
	Image   string
	Command []string
	// Uploads are files that are put into the container before it starts.
	Uploads docker.ContainerUploadArray
	// Network is the name of the Docker network; Address lies in it.
	Network pulumi.StringInput
	// Owner is who holds the container.
	Owner owner.Owner
}

// NewBeside makes the container and its image, both as children of parent.
func NewBeside(ctx *pulumi.Context, name string, args Beside, parent pulumi.Resource) (*docker.Container, error) {
	image, err := docker.NewRemoteImage(ctx, name, &docker.RemoteImageArgs{
		Name: pulumi.String(args.Image), KeepLocally: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	container := &docker.ContainerArgs{
		Name:     pulumi.String(args.Name),
		Hostname: pulumi.String(args.Name),
		Image:    image.Name, // not its ID: a tag that moves is no reason to replace what runs
		Command:  pulumi.ToStringArray(args.Command),
		// Process 1 ignores SIGTERM; Docker's init passes it on, and destroy does not wait ten seconds.
		Init:   pulumi.Bool(true),
		Labels: Labels(args.Owner.Labels()...),
		NetworksAdvanced: docker.ContainerNetworksAdvancedArray{
			&docker.ContainerNetworksAdvancedArgs{Name: args.Network, Ipv4Address: pulumi.String(args.Address.String())},
		},
		Restart: pulumi.String("unless-stopped"),
		MustRun: pulumi.Bool(false), // otherwise a refresh deletes it when it is stopped
	}
	if len(args.Uploads) > 0 {
		container.Uploads = args.Uploads
	}
	return docker.NewContainer(ctx, name, container, In(parent))
}
