// Package cluster holds the handle by which components put objects into a Kubernetes cluster, wherever the cluster came from.
package cluster

import (
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/owner"
)

// Cluster is a Kubernetes cluster that objects can be put into.
type Cluster struct {
	// Name is the lab's name for the cluster, such as west or west-07. Names of resources begin with it.
	Name string
	// Provider talks to the cluster. There is no default provider in this project: an object without one is a bug. It is
	// replaced when the cluster is, and so are all objects that were made by it.
	Provider *kubernetes.Provider
	// Kubeconfig is for this host. It is secret.
	Kubeconfig pulumi.StringOutput
	// Guest is the stack that puts its objects into a cluster that is not the lab's, and stays when the lab goes; nil in one of the lab's
	// own. Objects of no namespace are marked with it.
	Guest *owner.Owner
}

// Access is how a cluster is reached.
type Access struct {
	// Kubeconfig is for this host, with a current context. It is secret.
	Kubeconfig pulumi.StringOutput
	// Identity changes when another cluster takes the place of this one, under the same kubeconfig or not.
	Identity pulumi.StringInput
	// Guest is as the Cluster's.
	Guest *owner.Owner
}

// New makes the provider of a cluster, as a child of parent, and returns the cluster's handle.
func New(ctx *pulumi.Context, name string, access Access, parent pulumi.Resource) (Cluster, error) {
	args := &kubernetes.ProviderArgs{
		Kubeconfig:          access.Kubeconfig,
		ClusterIdentifier:   access.Identity,
		EnableSecretMutable: pulumi.Bool(true),
		// What a killed `up` made and did not write down is taken over by the next.
		UpsertExistingObjects: pulumi.Bool(true),
		// Each run writes under a name of its own, and the fields that Kubernetes has filled in beside the killed run's own count as a
		// conflict. The lab is what its settings say, whoever changed it.
		EnablePatchForce: pulumi.Bool(true),
		// client-go's own limits, 5 and 10, make a queue of a lab's objects.
		KubeClientSettings: &kubernetes.KubeClientSettingsArgs{Qps: pulumi.Float64(50), Burst: pulumi.Int(100)},
	}
	if access.Guest == nil {
		// A node that is gone has taken its objects with it. One that lasts and does not answer still has them.
		args.DeleteUnreachable = pulumi.Bool(true)
	}
	provider, err := kubernetes.NewProvider(ctx, name, args, pulumi.Parent(parent))
	if err != nil {
		return Cluster{}, err
	}
	return Cluster{Name: name, Provider: provider, Kubeconfig: access.Kubeconfig, Guest: access.Guest}, nil
}

// In returns the options of a child of parent that is an object in the cluster. The object is gone when a cluster of the lab's own is,
// so destroy does not walk through it.
//
// DeletedWith names the provider and not the node: when a node is replaced, the engine first deletes all that hangs on it, and
// there it knows only of the provider that it goes too. With the node it would delete object by object, on a cluster that
// may be dead, or through a provider that is closed already.
//
// An order among objects is to be given by pulumi.DependsOn of the objects themselves. Of a component, the Go SDK (v3.253.0)
// takes only the children whose registration has begun by then, which is a race, and its own options do not reach them.
func (c Cluster) In(parent pulumi.Resource) pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(c.Provider)}
	if c.Guest == nil {
		options = append(options, pulumi.DeletedWith(c.Provider))
	}
	return pulumi.Composite(options...)
}
