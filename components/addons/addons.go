// Package addons makes what the manual looks at a cluster and its mesh with: Istio's samples, from their own manifests, and
// kube-ops-view and metrics-server, which the manual has from Helm charts.
package addons

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/manifest"
)

// AddonType is the type of the component. It is part of every child's URN.
const AddonType = "istio-lab:addons:Addon"

// Addon is one add-on of a cluster. Nothing else waits for it.
type Addon struct {
	pulumi.ResourceState
}

// newAddon makes an add-on of objects that are put into the cluster step by step, the first step after the given resources.
// They are named after the cluster and themselves: what is of a kind and in a cluster has a name of its own.
func newAddon(
	ctx *pulumi.Context, name string, c cluster.Cluster, steps [][]manifest.Object, after []pulumi.Resource,
	opts []pulumi.ResourceOption,
) (*Addon, error) {
	a := &Addon{}
	if err := ctx.RegisterComponentResource(AddonType, name, a, opts...); err != nil {
		return nil, err
	}
	for _, objects := range steps {
		var made []pulumi.Resource
		for _, object := range objects {
			child := c.Name + "-" + object.String("metadata", "name")
			resource, err := c.NewDecoded(ctx, child, object, a, pulumi.DependsOn(after))
			if err != nil {
				return nil, fmt.Errorf("add-on %q: %s: %w", name, object.Title(), err)
			}
			made = append(made, resource)
		}
		after = made
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{})
}
