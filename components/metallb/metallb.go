// Package metallb makes MetalLB in a cluster, so that services of type LoadBalancer get addresses of the Docker network.
package metallb

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/manifest"
)

// LoadBalancerType is the type of the component. It is part of every child's URN.
const LoadBalancerType = "istio-lab:metallb:LoadBalancer"

const namespace = "metallb-system"

// LoadBalancerArgs says what the load balancer is to be.
type LoadBalancerArgs struct {
	Cluster cluster.Cluster
	// Manifest is MetalLB's own, metallb-native.yaml.
	Manifest []manifest.Object
	// Images replaces images of the manifest, by the name of their container: controller, speaker.
	Images map[string]string
	// Pool is the range of addresses to hand out.
	Pool allot.Range
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *LoadBalancerArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil {
		problems = append(problems, errors.New("cluster is required"))
	}
	if !a.Pool.First.IsValid() || !a.Pool.Last.IsValid() || a.Pool.Last.Less(a.Pool.First) {
		problems = append(problems, fmt.Errorf("pool %s is not a range of addresses", a.Pool))
	}
	needed := map[string]bool{
		"Namespace " + namespace: true, "Deployment controller": true, "DaemonSet speaker": true,
		"CustomResourceDefinition ipaddresspools.metallb.io":   true,
		"CustomResourceDefinition l2advertisements.metallb.io": true,
	}
	for _, object := range a.Manifest {
		delete(needed, title(object))
	}
	for what := range needed {
		problems = append(problems, fmt.Errorf("the manifest is not MetalLB's metallb-native.yaml: it has no %s", what))
	}
	return errors.Join(problems...)
}

// LoadBalancer is MetalLB with one pool, announced on the Docker network (layer 2).
type LoadBalancer struct {
	pulumi.ResourceState
}

// NewLoadBalancer makes the load balancer, or nothing when the arguments are refused.
func NewLoadBalancer(
	ctx *pulumi.Context, name string, args *LoadBalancerArgs, opts ...pulumi.ResourceOption,
) (*LoadBalancer, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("load balancer %q: %w", name, err)
	}
	l := &LoadBalancer{}
	if err := ctx.RegisterComponentResource(LoadBalancerType, name, l, opts...); err != nil {
		return nil, err
	}
	// The namespace and the definitions come first: the rest lies in the one, the pool is of the other.
	var base []pulumi.Resource
	for _, first := range []bool{true, false} {
		for _, object := range args.Manifest {
			kind := object.String("kind")
			if first != (kind == "Namespace" || kind == "CustomResourceDefinition") {
				continue
			}
			var after []pulumi.ResourceOption
			if !first {
				after = append(after, pulumi.DependsOn(base))
			}
			resource, err := args.Cluster.NewDecoded(ctx, name+"-"+object.String("metadata", "name"), prepare(object, args.Images), l, after...)
			if err != nil {
				return nil, fmt.Errorf("load balancer %q: %s: %w", name, title(object), err)
			}
			if first {
				base = append(base, resource)
			}
		}
	}
	for _, m := range []cluster.Manifest{
		{Kind: "IPAddressPool", Fields: pulumi.Map{"spec": pulumi.Map{"addresses": pulumi.ToStringArray([]string{args.Pool.String()})}}},
		{Kind: "L2Advertisement", Fields: pulumi.Map{"spec": pulumi.Map{"ipAddressPools": pulumi.ToStringArray([]string{"default"})}}},
	} {
		m.APIVersion, m.Metadata = "metallb.io/v1beta1", cluster.Metadata{Name: "default", Namespace: namespace}
		if _, err := args.Cluster.NewObject(ctx, name+"-default", m, l, pulumi.DependsOn(base)); err != nil {
			return nil, fmt.Errorf("load balancer %q: %s: %w", name, m.Kind, err)
		}
	}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{})
}

// prepare changes what the manifest has to have changed. It leaves the object alone and returns another.
func prepare(object manifest.Object, images map[string]string) manifest.Object {
	object = object.Clone()
	switch object.String("kind") {
	case "ValidatingWebhookConfiguration":
		// The webhooks serve only once the controller has made their certificate. Until then the pool, made at the same time,
		// would be refused; Ignore lets it in, and what it says is known to be valid.
		for _, webhook := range object.Objects("webhooks") {
			webhook["failurePolicy"] = "Ignore"
		}
	case "CustomResourceDefinition":
		// A placeholder that the controller overwrites, which would be a difference at every refresh.
		if client := object.Object("spec", "conversion", "webhook", "clientConfig"); client != nil {
			delete(client, "caBundle")
		}
	case "Deployment", "DaemonSet":
		for _, container := range object.Object("spec", "template", "spec").Objects("containers") {
			if image, ok := images[container.String("name")]; ok {
				container["image"] = image
			}
		}
	}
	return object
}

func title(object manifest.Object) string {
	return object.String("kind") + " " + object.String("metadata", "name")
}
