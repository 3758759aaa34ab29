// Package pki makes the certificate authorities that the clusters of a mesh trust: one root, and an intermediate per cluster.
package pki

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Types of the components. They are part of every child's URN.
const (
	RootType         = "istio-lab:pki:Root"
	IntermediateType = "istio-lab:pki:Intermediate"
)

// Ten years, as the manual's.
const validityHours = 10 * 365 * 24

// What a CA does. There are no extended key usages: with any, istiod's verification would ask for server authentication.
var caUses = pulumi.ToStringArray([]string{"cert_signing", "crl_signing"})

// RootArgs says what the root is to be.
type RootArgs struct {
	CommonName string
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *RootArgs) Validate() error {
	if a == nil || a.CommonName == "" {
		return errors.New("common name is required")
	}
	return nil
}

// Root is a self-signed CA under which one more level of CAs may stand.
type Root struct {
	pulumi.ResourceState
	// CertificatePEM is public.
	CertificatePEM pulumi.StringOutput
	keyPEM         pulumi.StringOutput
}

// NewRoot makes the root, or nothing when the arguments are refused.
func NewRoot(ctx *pulumi.Context, name string, args *RootArgs, opts ...pulumi.ResourceOption) (*Root, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("root CA %q: %w", name, err)
	}
	r := &Root{}
	if err := ctx.RegisterComponentResource(RootType, name, r, opts...); err != nil {
		return nil, err
	}
	key, err := newKey(ctx, name, r)
	if err != nil {
		return nil, fmt.Errorf("root CA %q: key: %w", name, err)
	}
	certificate, err := tls.NewSelfSignedCert(ctx, name, &tls.SelfSignedCertArgs{
		PrivateKeyPem:       key.PrivateKeyPem,
		IsCaCertificate:     pulumi.Bool(true),
		MaxPathLength:       pulumi.Int(1),
		SetSubjectKeyId:     pulumi.Bool(true),
		Subject:             &tls.SelfSignedCertSubjectArgs{CommonName: pulumi.String(args.CommonName)},
		DnsNames:            pulumi.ToStringArray([]string{args.CommonName}),
		AllowedUses:         caUses,
		ValidityPeriodHours: pulumi.Int(validityHours),
	}, pulumi.Parent(r))
	if err != nil {
		return nil, fmt.Errorf("root CA %q: certificate: %w", name, err)
	}
	r.CertificatePEM, r.keyPEM = certificate.CertPem, key.PrivateKeyPem
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"certificatePEM": r.CertificatePEM})
}

// IntermediateArgs says what the intermediate is to be.
type IntermediateArgs struct {
	Root       *Root
	CommonName string
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *IntermediateArgs) Validate() error {
	if a == nil || a.Root == nil || a.CommonName == "" {
		return errors.New("root and common name are required")
	}
	return nil
}

// Intermediate is a CA signed by the root. It signs workloads; the root's path length keeps it from signing further CAs.
//
// The manual's intermediates say so themselves, by a path length of 0, which the TLS provider cannot write.
type Intermediate struct {
	pulumi.ResourceState
	// CertificatePEM is the intermediate's own, RootPEM the root's, ChainPEM both in this order. They are public.
	CertificatePEM, RootPEM, ChainPEM pulumi.StringOutput
	// KeyPEM is secret.
	KeyPEM pulumi.StringOutput
}

// NewIntermediate makes the intermediate, or nothing when the arguments are refused.
func NewIntermediate(
	ctx *pulumi.Context, name string, args *IntermediateArgs, opts ...pulumi.ResourceOption,
) (*Intermediate, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("intermediate CA %q: %w", name, err)
	}
	i := &Intermediate{}
	if err := ctx.RegisterComponentResource(IntermediateType, name, i, opts...); err != nil {
		return nil, err
	}
	key, err := newKey(ctx, name, i)
	if err != nil {
		return nil, fmt.Errorf("intermediate CA %q: key: %w", name, err)
	}
	request, err := tls.NewCertRequest(ctx, name, &tls.CertRequestArgs{
		PrivateKeyPem: key.PrivateKeyPem,
		Subject:       &tls.CertRequestSubjectArgs{CommonName: pulumi.String(args.CommonName)},
		DnsNames:      pulumi.ToStringArray([]string{args.CommonName}),
	}, pulumi.Parent(i))
	if err != nil {
		return nil, fmt.Errorf("intermediate CA %q: request: %w", name, err)
	}
	certificate, err := tls.NewLocallySignedCert(ctx, name, &tls.LocallySignedCertArgs{
		CertRequestPem:      request.CertRequestPem,
		CaCertPem:           args.Root.CertificatePEM,
		CaPrivateKeyPem:     args.Root.keyPEM,
		IsCaCertificate:     pulumi.Bool(true),
		SetSubjectKeyId:     pulumi.Bool(true),
		AllowedUses:         caUses,
		ValidityPeriodHours: pulumi.Int(validityHours),
	}, pulumi.Parent(i))
	if err != nil {
		return nil, fmt.Errorf("intermediate CA %q: certificate: %w", name, err)
	}
	i.CertificatePEM, i.RootPEM, i.KeyPEM = certificate.CertPem, args.Root.CertificatePEM, key.PrivateKeyPem
	i.ChainPEM = pulumi.Sprintf("%s%s", i.CertificatePEM, i.RootPEM)
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{"certificatePEM": i.CertificatePEM, "rootPEM": i.RootPEM})
}

func newKey(ctx *pulumi.Context, name string, parent pulumi.Resource) (*tls.PrivateKey, error) {
	return tls.NewPrivateKey(ctx, name, &tls.PrivateKeyArgs{
		Algorithm: pulumi.String("RSA"), RsaBits: pulumi.Int(2048),
	}, pulumi.Parent(parent))
}
