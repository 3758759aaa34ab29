package pki_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/pki"
	"istio-lab/internal/mocktest"
)

// made is what came of a root and the intermediates of two clusters, PEM.
type made struct{ root, west, westChain, westKey, east string }

func makeAuthorities(t *testing.T) (m made) {
	t.Helper()
	_, err := mocktest.Run(func(ctx *pulumi.Context) error {
		root, err := pki.NewRoot(ctx, "root", &pki.RootArgs{CommonName: "root.istio.in.action"})
		if err != nil {
			return err
		}
		west, err := pki.NewIntermediate(ctx, "west", &pki.IntermediateArgs{Root: root, CommonName: "west.intermediate"})
		if err != nil {
			return err
		}
		east, err := pki.NewIntermediate(ctx, "east", &pki.IntermediateArgs{Root: root, CommonName: "east.intermediate"})
		if err != nil {
			return err
		}
		pulumi.All(root.CertificatePEM, west.CertificatePEM, west.ChainPEM, west.KeyPEM, east.CertificatePEM).ApplyT(
			func(texts []any) error {
				m = made{texts[0].(string), texts[1].(string), texts[2].(string), texts[3].(string), texts[4].(string)}
				return nil
			})
		return nil
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	if m.westKey == "" {
		t.Fatal("no authority was made")
	}
	return m
}

func parse(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	c, err := mocktest.ParseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pool(certificates ...*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certificates {
		p.AddCert(c)
	}
	return p
}

// sign makes a certificate under a CA.
func sign(t *testing.T, template *x509.Certificate, ca *x509.Certificate, caKey *rsa.PrivateKey) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(2), time.Now().Add(-time.Second), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func westKey(t *testing.T, m made) *rsa.PrivateKey {
	t.Helper()
	b, _ := pem.Decode([]byte(m.westKey))
	key, err := x509.ParsePKCS1PrivateKey(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAWorkloadOfOneClusterIsTrustedThroughTheRootAndNotThroughTheOtherCluster(t *testing.T) {
	m := makeAuthorities(t)
	root, west, east := parse(t, m.root), parse(t, m.west), parse(t, m.east)
	leaf, _ := sign(t, &x509.Certificate{DNSNames: []string{"catalog"}}, west, westKey(t, m))
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		options := x509.VerifyOptions{Roots: pool(root), Intermediates: pool(west), KeyUsages: []x509.ExtKeyUsage{usage}}
		if _, err := leaf.Verify(options); err != nil {
			t.Errorf("usage %v: %v", usage, err)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool(root), Intermediates: pool(east)}); err == nil {
		t.Error("it verifies through the other cluster's intermediate")
	}
}

// istiod verifies its CA by crypto/x509 without naming usages, which asks for server authentication.
func TestTheIntermediateVerifiesAsIstiodVerifiesIt(t *testing.T) {
	m := makeAuthorities(t)
	west := parse(t, m.west)
	if _, err := west.Verify(x509.VerifyOptions{Roots: pool(parse(t, m.root))}); err != nil {
		t.Error(err)
	}
	if !west.IsCA || len(west.ExtKeyUsage) > 0 || west.KeyUsage&x509.KeyUsageCertSign == 0 {
		t.Errorf("CA %t, extended usages %v, usages %b", west.IsCA, west.ExtKeyUsage, west.KeyUsage)
	}
	if !westKey(t, m).PublicKey.Equal(west.PublicKey) {
		t.Error("the key is not the certificate's")
	}
}

func TestAnIntermediateCannotSignAnotherCA(t *testing.T) {
	m := makeAuthorities(t)
	root, west := parse(t, m.root), parse(t, m.west)
	if root.MaxPathLen != 1 {
		t.Errorf("the root's path length is %d", root.MaxPathLen)
	}
	rogue, rogueKey := sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "rogue"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, west, westKey(t, m))
	leaf, _ := sign(t, &x509.Certificate{DNSNames: []string{"catalog"}}, rogue, rogueKey)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool(root), Intermediates: pool(west, rogue)}); err == nil {
		t.Error("a CA under the intermediate is trusted")
	}
}

func TestTheChainIsTheIntermediateAndThenTheRoot(t *testing.T) {
	m := makeAuthorities(t)
	if m.westChain != m.west+m.root || strings.Count(m.westChain, "BEGIN CERTIFICATE") != 2 {
		t.Errorf("got:\n%s", m.westChain)
	}
}

func TestTheAuthoritiesLastTenYears(t *testing.T) {
	m := makeAuthorities(t)
	for _, text := range []string{m.root, m.west} {
		if c := parse(t, text); c.NotAfter.Before(time.Now().AddDate(9, 11, 0)) {
			t.Errorf("%s ends at %s", c.Subject, c.NotAfter)
		}
	}
}

func TestWithoutANameNothingIsMade(t *testing.T) {
	resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
		_, err := pki.NewRoot(ctx, "root", &pki.RootArgs{})
		return err
	}, false)
	if err == nil || len(resources) > 1 {
		t.Errorf("got %v and %d resources", err, len(resources))
	}
}
