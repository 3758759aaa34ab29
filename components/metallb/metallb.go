// Package metallb makes MetalLB in a cluster, so that services of type LoadBalancer get addresses of the Docker network.
package metallb

import (
	"errors"
	"fmt"
	"slices"

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
	return errors.Join(append(problems, CheckManifest(a.Manifest))...)
}

// CheckManifest says what a manifest lacks of MetalLB's metallb-native.yaml, or returns nil.
func CheckManifest(objects []manifest.Object) error {
	var titles []string
	for _, object := range objects {
		titles = append(titles, object.Title())
	}
	var problems []error
	for _, needed := range []string{
		"Namespace " + namespace, "Deployment controller", "DaemonSet speaker",
		"CustomResourceDefinition ipaddresspools.metallb.io", "CustomResourceDefinition l2advertisements.metallb.io",
	} {
		if !slices.Contains(titles, needed) {
			problems = append(problems, fmt.Errorf("the manifest is not MetalLB's metallb-native.yaml: it has no %s", needed))
		}
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
			child := name + "-" + object.String("metadata", "name") // with its kind, which is in the URN, it is unique
			resource, err := args.Cluster.NewDecoded(ctx, child, prepare(object, args.Images), l, after...)
			if err != nil {
				return nil, fmt.Errorf("load balancer %q: %s: %w", name, object.Title(), err)
			}
			if first {
				base = append(base, resource)
			}
		}
	}
	for kind, spec := range map[string]pulumi.Map{
		"IPAddressPool":   {"addresses": pulumi.ToStringArray([]string{args.Pool.String()})},
		"L2Advertisement": {"ipAddressPools": pulumi.ToStringArray([]string{"default"})},
	} {
		_, err := args.Cluster.NewObject(ctx, name+"-default", cluster.Manifest{
			APIVersion: "metallb.io/v1beta1", Kind: kind,
			Metadata: cluster.Metadata{Name: "default", Namespace: namespace},
			Fields:   pulumi.Map{"spec": spec},
		}, l, pulumi.DependsOn(base))
		if err != nil {
			return nil, fmt.Errorf("load balancer %q: %s: %w", name, kind, err)
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
		// Kubernetes before 1.25 does not know the rules that a definition's own fields keep, and drops them: the definition would be
		// updated again and again. The lab makes no objects that break them.
		withoutKey(map[string]any(object), "x-kubernetes-validations")
	case "Deployment", "DaemonSet":
		for _, container := range object.Object("spec", "template", "spec").Objects("containers") {
			if image, ok := images[container.String("name")]; ok {
				container["image"] = image
			}
		}
	}
	return object
}

// withoutKey removes a key from all maps of a value.
func withoutKey(value any, key string) {
	switch value := value.(type) {
	case map[string]any:
		delete(value, key)
		for _, below := range value {
			withoutKey(below, key)
		}
	case []any:
		for _, below := range value {
			withoutKey(below, key)
		}
	}
}
