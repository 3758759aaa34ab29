package traffic

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	security "istio.io/api/security/v1beta1"
	typed "istio.io/api/type/v1beta1"

	"istio-lab/components/cluster"
)

// PolicyType is the type of the component. It is part of every child's URN.
const PolicyType = "istio-lab:traffic:Policy"

// ingressPrincipal is the identity of the ingress gateways, which the common root makes the same in every cluster.
const ingressPrincipal = "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"

// PolicyArgs says where the policy is put.
type PolicyArgs struct {
	Cluster cluster.Cluster
	// Namespace is the application's, App its label app.
	Namespace, App string
	// After is what has to be there first: the namespace and Istio. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *PolicyArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Namespace == "" || a.App == "" {
		return errors.New("cluster, namespace and app are required")
	}
	return nil
}

// Policy lets an application be called by the ingress gateways alone, those of the other clusters included.
type Policy struct {
	pulumi.ResourceState
}

// NewPolicy makes the policy, or nothing when the arguments are refused.
func NewPolicy(ctx *pulumi.Context, name string, args *PolicyArgs, opts ...pulumi.ResourceOption) (*Policy, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("policy %q: %w", name, err)
	}
	p := &Policy{}
	if err := ctx.RegisterComponentResource(PolicyType, name, p, opts...); err != nil {
		return nil, err
	}
	_, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "security.istio.io/v1beta1", Kind: "AuthorizationPolicy",
		Metadata: cluster.Metadata{Name: "allow-only-ingress", Namespace: args.Namespace},
		Fields:   pulumi.Map{"spec": cluster.Spec(allowOnlyIngress(args.App))},
	}, p, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("policy %q: %w", name, err)
	}
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{})
}

func allowOnlyIngress(app string) *security.AuthorizationPolicy {
	return &security.AuthorizationPolicy{
		Selector: &typed.WorkloadSelector{MatchLabels: map[string]string{"app": app}},
		Rules: []*security.Rule{{
			From: []*security.Rule_From{{Source: &security.Source{Principals: []string{ingressPrincipal}}}},
		}},
	}
}
