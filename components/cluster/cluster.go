// Package cluster holds the handle by which components put objects into a Kubernetes cluster, wherever the cluster came from.
package cluster

import (
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Cluster is a Kubernetes cluster that objects can be put into.
type Cluster struct {
	// Name is the cluster's name on this host, such as west or west-07. Names of resources begin with it.
	Name string
	// Provider talks to the cluster. There is no default provider in this project: an object without one is a bug. It is
	// replaced when the cluster is, and so are all objects that were made by it.
	Provider *kubernetes.Provider
}

// In returns the options of a child of parent that is an object in the cluster. The object is gone when the cluster is, so
// destroy does not walk through the cluster.
//
// DeletedWith names the provider and not the node: when a node is replaced, the engine first deletes all that hangs on it, and
// there it knows only of the provider that it goes too. With the node it would delete object by object, on a cluster that
// may be dead, or through a provider that is closed already.
//
// An order among objects is to be given by pulumi.DependsOn of the objects themselves. Of a component, the Go SDK (v3.253.0)
// takes only the children whose registration has begun by then, which is a race, and its own options do not reach them.
func (c Cluster) In(parent pulumi.Resource) pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Parent(parent), pulumi.Provider(c.Provider), pulumi.DeletedWith(c.Provider))
}
