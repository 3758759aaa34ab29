package kind

import (
	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Ten years, as kubeadm gives its CAs.
const validityHours = 10 * 365 * 24

// authority is a cluster's CA and its administrator, PEM. They are made before the node, so that the kubeconfig is known
// without asking the node for it.
type authority struct {
	certificate, key           pulumi.StringOutput
	adminCertificate, adminKey pulumi.StringOutput
}

func newAuthority(ctx *pulumi.Context, name string, parent pulumi.Resource) (authority, error) {
	key := func(name string) (*tls.PrivateKey, error) {
		return tls.NewPrivateKey(ctx, name, &tls.PrivateKeyArgs{
			Algorithm: pulumi.String("RSA"), RsaBits: pulumi.Int(2048),
		}, pulumi.Parent(parent))
	}
	caKey, err := key(name + "-ca")
	if err != nil {
		return authority{}, err
	}
	ca, err := tls.NewSelfSignedCert(ctx, name+"-ca", &tls.SelfSignedCertArgs{
		PrivateKeyPem:       caKey.PrivateKeyPem,
		IsCaCertificate:     pulumi.Bool(true),
		Subject:             &tls.SelfSignedCertSubjectArgs{CommonName: pulumi.String("kubernetes")},
		AllowedUses:         pulumi.ToStringArray([]string{"digital_signature", "key_encipherment", "cert_signing"}),
		ValidityPeriodHours: pulumi.Int(validityHours),
	}, pulumi.Parent(parent))
	if err != nil {
		return authority{}, err
	}
	adminKey, err := key(name + "-admin")
	if err != nil {
		return authority{}, err
	}
	request, err := tls.NewCertRequest(ctx, name+"-admin", &tls.CertRequestArgs{
		PrivateKeyPem: adminKey.PrivateKeyPem,
		Subject: &tls.CertRequestSubjectArgs{
			CommonName: pulumi.String("kubernetes-admin"),
			// The group that every version of Kubernetes lets do everything.
			Organization: pulumi.String("system:masters"),
		},
	}, pulumi.Parent(parent))
	if err != nil {
		return authority{}, err
	}
	admin, err := tls.NewLocallySignedCert(ctx, name+"-admin", &tls.LocallySignedCertArgs{
		CertRequestPem:      request.CertRequestPem,
		CaPrivateKeyPem:     caKey.PrivateKeyPem,
		CaCertPem:           ca.CertPem,
		AllowedUses:         pulumi.ToStringArray([]string{"digital_signature", "key_encipherment", "client_auth"}),
		ValidityPeriodHours: pulumi.Int(validityHours),
	}, pulumi.Parent(parent))
	if err != nil {
		return authority{}, err
	}
	return authority{
		certificate: ca.CertPem, key: caKey.PrivateKeyPem,
		adminCertificate: admin.CertPem, adminKey: adminKey.PrivateKeyPem,
	}, nil
}
