// Package apps makes the applications that the mesh is tried with.
package apps

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/istio"
)

// AppType is the type of the component. It is part of every child's URN.
const AppType = "istio-lab:apps:App"

// App says what an application is, the same in every cluster.
type App struct {
	// Name is that of the Service, the account and the label app.
	Name string
	// Deployment is the name of the Deployment where it is another.
	Deployment string
	// Version is the label version of the pods, if they have one.
	Version string
	// Locality is region.zone, where the pods say that they are; empty for what their nodes say.
	Locality string
	Image    string
	// Command and Args replace the image's own, where they are given.
	Command, Args []string
	// Port is where the container listens, ServicePort where the Service does: 80 unless it is given.
	Port, ServicePort int
	Env               map[string]string
}

// ApplicationArgs says which application is run where.
type ApplicationArgs struct {
	App
	Cluster cluster.Cluster
	// After is what has to be there first: the namespace, and whatever injects the sidecar. Give the resources themselves: see
	// cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ApplicationArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil {
		problems = append(problems, errors.New("cluster is required"))
	}
	if a.Name == "" || a.Image == "" || a.Port == 0 {
		problems = append(problems, errors.New("name, image and port are required"))
	}
	return errors.Join(problems...)
}

// Application is an application that runs: an account, which is its identity in the mesh, a Deployment and a Service.
type Application struct {
	pulumi.ResourceState
	App     App
	Cluster cluster.Cluster
	// Deployment is what has to be there before anything that needs the application to run.
	Deployment *cluster.Object
}

// NewApplication runs the application, or makes nothing when the arguments are refused.
func NewApplication(
	ctx *pulumi.Context, name string, args *ApplicationArgs, opts ...pulumi.ResourceOption,
) (*Application, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("application %q: %w", name, err)
	}
	a := &Application{App: args.App, Cluster: args.Cluster}
	if err := ctx.RegisterComponentResource(AppType, name, a, opts...); err != nil {
		return nil, err
	}
	after := pulumi.DependsOn(args.After)
	account, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "v1", Kind: "ServiceAccount", Metadata: cluster.Metadata{Name: args.Name, Namespace: Namespace},
	}, a, after)
	if err != nil {
		return nil, fmt.Errorf("application %q: account: %w", name, err)
	}
	if err := newService(ctx, name, args.Cluster, args.App, a, after); err != nil {
		return nil, fmt.Errorf("application %q: %w", name, err)
	}
	a.Deployment, err = args.Cluster.NewObject(ctx, name, args.deployment(), a,
		pulumi.DependsOn(append(slices.Clone(args.After), account)))
	if err != nil {
		return nil, fmt.Errorf("application %q: deployment: %w", name, err)
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{})
}

// labels are those of the application's objects and pods.
func (a App) labels() map[string]string {
	labels := map[string]string{"app": a.Name}
	if a.Version != "" {
		labels["version"] = a.Version
	}
	return labels
}

func (a App) deployment() cluster.Manifest {
	name := a.Deployment
	if name == "" {
		name = a.Name
	}
	env := pulumi.Array{pulumi.Map{
		"name":      pulumi.String("KUBERNETES_NAMESPACE"),
		"valueFrom": pulumi.Map{"fieldRef": pulumi.StringMap{"fieldPath": pulumi.String("metadata.namespace")}},
	}}
	for _, variable := range slices.Sorted(maps.Keys(a.Env)) {
		env = append(env, pulumi.StringMap{"name": pulumi.String(variable), "value": pulumi.String(a.Env[variable])})
	}
	container := pulumi.Map{
		"name":            pulumi.String(a.Name),
		"image":           pulumi.String(a.Image),
		"imagePullPolicy": pulumi.String("IfNotPresent"),
		"ports": pulumi.Array{pulumi.Map{
			"name": pulumi.String("http"), "containerPort": pulumi.Int(a.Port), "protocol": pulumi.String("TCP"),
		}},
		"env":             env,
		"securityContext": pulumi.Map{"privileged": pulumi.Bool(false)},
	}
	if len(a.Command) > 0 {
		container["command"] = pulumi.ToStringArray(a.Command)
	}
	if len(a.Args) > 0 {
		container["args"] = pulumi.ToStringArray(a.Args)
	}
	labels := pulumi.ToStringMap(a.labels())
	ofPods := a.labels()
	if a.Locality != "" {
		ofPods[istio.LocalityLabel] = a.Locality
	}
	return cluster.Manifest{
		APIVersion: "apps/v1", Kind: "Deployment",
		Metadata: cluster.Metadata{Name: name, Namespace: Namespace, Labels: a.labels()},
		Fields: pulumi.Map{"spec": pulumi.Map{
			"replicas": pulumi.Int(1),
			"selector": pulumi.Map{"matchLabels": labels},
			"template": pulumi.Map{
				"metadata": pulumi.Map{"labels": pulumi.ToStringMap(ofPods)},
				"spec": pulumi.Map{
					"serviceAccountName": pulumi.String(a.Name),
					"containers":         pulumi.Array{container},
				},
			},
		}},
	}
}

// newService makes the Service by which the mesh knows the application.
func newService(
	ctx *pulumi.Context, name string, c cluster.Cluster, a App, parent pulumi.Resource, after pulumi.ResourceOption,
) error {
	port := a.ServicePort
	if port == 0 {
		port = 80
	}
	_, err := c.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "v1", Kind: "Service",
		Metadata: cluster.Metadata{Name: a.Name, Namespace: Namespace, Labels: map[string]string{"app": a.Name}},
		Fields: pulumi.Map{"spec": pulumi.Map{
			"selector": pulumi.StringMap{"app": pulumi.String(a.Name)},
			"ports": pulumi.Array{pulumi.Map{
				"name": pulumi.String("http"), "port": pulumi.Int(port), "targetPort": pulumi.Int(a.Port),
				"protocol": pulumi.String("TCP"),
			}},
		}},
	}, parent, after)
	if err != nil {
		return fmt.Errorf("service: %w", err)
	}
	return nil
}
