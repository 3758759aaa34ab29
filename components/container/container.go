// Package container holds what the containers of a lab have in common: the owner's labels, and names and addresses that are fixed.
package container

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/owner"
)

// Labels turns labels into a container's.
func Labels(labels ...owner.Label) docker.ContainerLabelArray {
	array := docker.ContainerLabelArray{}
	for _, label := range labels {
		array = append(array, &docker.ContainerLabelArgs{Label: pulumi.String(label.Key), Value: pulumi.String(label.Value)})
	}
	return array
}

// In returns the options of a container that is a child of parent.
func In(parent pulumi.Resource) pulumi.ResourceOption {
	return pulumi.Composite(
		pulumi.Parent(parent),
		pulumi.DeleteBeforeReplace(true), // name, address and ports are taken until then
		// A container that did not become ready is made anew by the next `up`; an update would count it as good.
		pulumi.ReplaceOnChanges([]string{"#initerror"}),
		// The log's are read back from the daemon's defaults; the labels say who made the container, and where from.
		pulumi.IgnoreChanges([]string{"logDriver", "logOpts", "labels"}),
	)
}
