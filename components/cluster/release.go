package cluster

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Chart is a Helm chart to release.
type Chart struct {
	// Path is the chart's folder, from the project's directory, where the engine starts its plugins.
	Path      string
	Namespace string
	Values    pulumi.Map
	// Timeout bounds each of Helm's actions, deletion included.
	Timeout time.Duration
}

// Release is a Helm release.
type Release struct {
	pulumi.CustomResourceState
}

// NewRelease releases a chart under a name that Pulumi chooses. As with Object, the SDK's own package is left out for what
// it takes to compile: it imports every group of Kubernetes.
func (c Cluster) NewRelease(
	ctx *pulumi.Context, name string, chart Chart, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (*Release, error) {
	r := &Release{}
	return r, ctx.RegisterResource("kubernetes:helm.sh/v3:Release", name, pulumi.Map{
		"chart":     pulumi.String(chart.Path),
		"namespace": pulumi.String(chart.Namespace),
		"values":    chart.Values,
		"timeout":   pulumi.Int(int(chart.Timeout.Seconds())),
	}, r, append([]pulumi.ResourceOption{c.In(parent), unique}, opts...)...) // the hooks of an old one would undo what the new one is for
}
