// Package cacerts plugs a certificate authority into istiod.
package cacerts

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/pki"
)

// CACertsType is the type of the component. It is part of every child's URN.
const CACertsType = "istio-lab:cacerts:CACerts"

// CACertsArgs says which CA is plugged in where.
type CACertsArgs struct {
	Cluster cluster.Cluster
	// Namespace is istiod's; After holds it.
	Namespace string
	CA        *pki.Intermediate
	// After is what has to be there first. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *CACertsArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Namespace == "" || a.CA == nil {
		return errors.New("cluster, namespace and CA are required")
	}
	return nil
}

// CACerts is the secret cacerts. It has to be there before istiod starts: without it istiod signs with a CA of its own, silently.
type CACerts struct {
	pulumi.ResourceState
	// Secret is what has to be there before istiod.
	Secret *cluster.Object
	// Fingerprint changes with the CA: the SHA-256 of its chain in hexadecimal.
	Fingerprint pulumi.StringOutput
}

// NewCACerts makes the secret, or nothing when the arguments are refused.
func NewCACerts(ctx *pulumi.Context, name string, args *CACertsArgs, opts ...pulumi.ResourceOption) (*CACerts, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("cacerts %q: %w", name, err)
	}
	c := &CACerts{}
	if err := ctx.RegisterComponentResource(CACertsType, name, c, opts...); err != nil {
		return nil, err
	}
	secret, err := args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "v1", Kind: "Secret",
		Metadata: cluster.Metadata{Name: "cacerts", Namespace: args.Namespace},
		Fields: pulumi.Map{"stringData": pulumi.ToSecret(pulumi.StringMap{
			"ca-cert.pem": args.CA.CertificatePEM, "ca-key.pem": args.CA.KeyPEM,
			"cert-chain.pem": args.CA.ChainPEM, "root-cert.pem": args.CA.RootPEM,
		})},
	}, c, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("cacerts %q: secret: %w", name, err)
	}
	c.Secret = secret
	c.Fingerprint = args.CA.ChainPEM.ApplyT(func(pem string) string {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(pem)))
	}).(pulumi.StringOutput)
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"fingerprint": c.Fingerprint})
}
