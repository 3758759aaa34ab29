//go:build e2e

package e2e

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"testing"
	"time"
)

// gatewayIdentity is the ingress gateway's, by its service account.
const gatewayIdentity = "spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"

// intermediates are the common names of the clusters' authorities.
var intermediates = []string{"west.intermediate.istio.in.action", "east.intermediate.istio.in.action"}

// chainOf is the certificate chain that the ingress gateway of a cluster shows: its own certificate first.
func chainOf(t *testing.T, c *cluster) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	eventually(t, time.Minute, func(ctx context.Context) error {
		text, err := c.run(ctx, systemNamespace, ingressSelector, "pilot-agent", "request", "GET", "config_dump")
		if err != nil {
			return err
		}
		if chain, err = chainIn(text); err != nil {
			return fmt.Errorf("the gateway of %s: %w", c.Name, err)
		}
		return nil
	})
	return chain
}

// chainIn finds the chain of the secret "default", the workload's own, in Envoy's dump of its configuration.
func chainIn(dump string) ([]*x509.Certificate, error) {
	var d struct {
		Configs []struct {
			Type    string `json:"@type"`
			Secrets []struct {
				Name   string
				Secret struct {
					TLSCertificate struct {
						CertificateChain struct {
							InlineBytes []byte `json:"inline_bytes"`
						} `json:"certificate_chain"`
					} `json:"tls_certificate"`
				}
			} `json:"dynamic_active_secrets"`
		}
	}
	if err := json.Unmarshal([]byte(dump), &d); err != nil {
		return nil, fmt.Errorf("the dump is not JSON: %w: %s", err, tail(dump))
	}
	for _, config := range d.Configs {
		for _, secret := range config.Secrets {
			if secret.Name == "default" {
				return certificates(secret.Secret.TLSCertificate.CertificateChain.InlineBytes)
			}
		}
	}
	return nil, errors.New("the dump has no secret named default")
}

func certificates(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no certificate")
	}
	return all, nil
}

// rootOf is the root that the stack puts out.
func rootOf(t *testing.T, s *stack) *x509.Certificate {
	t.Helper()
	root, err := certificates([]byte(s.outputs(t).RootCertificate))
	if err != nil || len(root) != 1 {
		t.Fatalf("the output rootCertificate is not one certificate, but %d: %v", len(root), err)
	}
	return root[0]
}

// verify verifies a certificate up to a root through others, as an Istio proxy does: whatever it is to be used for.
func verify(leaf, root *x509.Certificate, between ...*x509.Certificate) ([][]*x509.Certificate, error) {
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	for _, certificate := range between {
		others.AddCert(certificate)
	}
	return leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: others, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
}

// trusted checks that the gateway's chain ends in the root through the cluster's own intermediate, and returns the
// chain.
func trusted(t *testing.T, c *cluster, root *x509.Certificate, intermediate string) []*x509.Certificate {
	t.Helper()
	shown := chainOf(t, c)
	chains, err := verify(shown[0], root, shown[1:]...)
	if err != nil {
		t.Fatalf("the chain of %s does not end in the root: %v", c.Name, err)
	}
	chain := chains[0]
	if len(chain) != 3 {
		t.Fatalf("the chain of %s is not workload, intermediate, root, but has %d certificates", c.Name, len(chain))
	}
	if got := chain[1].Subject.CommonName; got != intermediate {
		t.Errorf("the intermediate of %s is %q, not %q", c.Name, got, intermediate)
	}
	if !chain[2].Equal(root) {
		t.Errorf("the chain of %s ends in %s", c.Name, chain[2].Subject)
	}
	if uris := chain[0].URIs; len(uris) != 1 || uris[0].String() != gatewayIdentity {
		t.Errorf("the gateway of %s is %v, not %s", c.Name, uris, gatewayIdentity)
	}
	return chain
}
