// Package owner marks what a stack makes in a Docker engine, or in a cluster that a person has, so that the next stack can tell whose it
// is.
package owner

import "strconv"

// The labels of containers and networks, and the annotations of Kubernetes objects.
const (
	StackLabel   = "istio-lab.stack"   // the stack's full name
	OriginLabel  = "istio-lab.origin"  // user@host:directory of the project
	StudentLabel = "istio-lab.student" // the student number
	// ClusterAnnotation is the lab's name for the cluster that a Kubernetes object was put into.
	ClusterAnnotation = "istio-lab.cluster"
)

// KindLabel is kind's own label of a node: the name of its cluster.
const KindLabel = "io.x-k8s.kind.cluster"

// Owner is a stack in a project's directory, and the student number that it holds.
type Owner struct {
	// Stack is organization/project/stack; Origin is user@host:directory, which tells equal stack names of two people apart.
	Stack, Origin string
	Student       int
}

// Label is one label.
type Label struct{ Key, Value string }

// Labels returns the owner's labels in a fixed order.
func (o Owner) Labels() []Label {
	return []Label{{OriginLabel, o.Origin}, {StackLabel, o.Stack}, {StudentLabel, strconv.Itoa(o.Student)}}
}
