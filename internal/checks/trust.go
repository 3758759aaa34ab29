package checks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

const systemNamespace = "istio-system"

// networkLabel: istiod learns from istio-system which network its workloads are on.
func networkLabel(m member) Check {
	const label = "topology.istio.io/network"
	return Check{
		Claim: fmt.Sprintf("istio-system of %s is on %s", m.Name, m.network),
		look: func(ctx context.Context, l *Lab) (string, error) {
			namespace, err := get[corev1.Namespace](ctx, m.in(l), namespaces, "", systemNamespace)
			if err != nil {
				return "", err
			}
			if got := namespace.Labels[label]; got != m.network {
				return "", lasting{fmt.Errorf("its label %s is %q, not %q", label, got, m.network)}
			}
			return "by its label", nil
		},
	}
}

// pluggedCA: the secret cacerts holds the cluster's own intermediate with its key, and a chain to the root.
func pluggedCA(m member) Check {
	return Check{
		Claim: fmt.Sprintf("cacerts of %s is %s, signed by the root", m.Name, m.intermediate),
		look: func(ctx context.Context, l *Lab) (string, error) {
			ca, root, err := m.in(l).authority(ctx)
			if err != nil {
				return "", err
			}
			if got := ca.Subject.CommonName; got != m.intermediate {
				return "", lasting{fmt.Errorf("cacerts of %s is the CA %q, not %q", m.Name, got, m.intermediate)}
			}
			return fmt.Sprintf("%s, until %s", root.Subject, ca.NotAfter.Format("2006")), nil
		},
	}
}

// authority reads the CA of a cluster and its root out of cacerts, verified as istiod does.
func (c *Cluster) authority(ctx context.Context) (ca, root *x509.Certificate, err error) {
	secret, err := get[corev1.Secret](ctx, c, secrets, systemNamespace, "cacerts")
	if err != nil {
		return nil, nil, err
	}
	var pairs [3][]*x509.Certificate
	for i, key := range []string{"ca-cert.pem", "root-cert.pem", "cert-chain.pem"} {
		if pairs[i], err = certificates(secret.Data[key]); err != nil {
			return nil, nil, lasting{fmt.Errorf("%s in cacerts of %s: %w", key, c.Name, err)}
		}
	}
	ca, root = pairs[0][0], pairs[1][0]
	if _, err := tls.X509KeyPair(secret.Data["ca-cert.pem"], secret.Data["ca-key.pem"]); err != nil {
		return nil, nil, lasting{fmt.Errorf("ca-key.pem in cacerts of %s: %w", c.Name, err)}
	}
	if _, err := Verify(ca, root, pairs[2]...); err != nil {
		return nil, nil, lasting{fmt.Errorf("ca-cert.pem in cacerts of %s does not end in root-cert.pem: %w", c.Name, err)}
	}
	if !ca.IsCA || ca.Equal(root) {
		return nil, nil, lasting{fmt.Errorf("ca-cert.pem in cacerts of %s is not an intermediate CA", c.Name)}
	}
	return ca, root, nil
}

// oneRoot: the two clusters trust each other's workloads.
func oneRoot(west, east member) Check {
	return Check{
		Claim: fmt.Sprintf("%s and %s have one root", west.Name, east.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			_, one, err := west.in(l).authority(ctx)
			if err != nil {
				return "", err
			}
			_, other, err := east.in(l).authority(ctx)
			if err != nil {
				return "", err
			}
			if !one.Equal(other) {
				return "", lasting{fmt.Errorf("%s has the root %s of %s, %s has %s of %s", west.Name, one.Subject, one.NotBefore,
					east.Name, other.Subject, other.NotBefore)}
			}
			return one.Subject.String(), nil
		},
	}
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

// Verify verifies a certificate up to a root through others, as an Istio proxy does: whatever it is to be used for.
func Verify(leaf, root *x509.Certificate, between ...*x509.Certificate) ([][]*x509.Certificate, error) {
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	for _, certificate := range between {
		others.AddCert(certificate)
	}
	return leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: others, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
}

// identified objects unless a chain, the workload's certificate first, is that of an identity, signed by the member's own CA
// under the root.
func (m member) identified(shown []*x509.Certificate, root *x509.Certificate, identity string) error {
	chains, err := Verify(shown[0], root, shown[1:]...)
	if err != nil {
		return fmt.Errorf("the chain of %s does not end in the root: %w", shown[0].Subject, err)
	}
	switch chain := chains[0]; {
	case len(chain) != 3:
		return fmt.Errorf("the chain is not workload, intermediate and root, but has %d certificates", len(chain))
	case chain[1].Subject.CommonName != m.intermediate:
		return fmt.Errorf("it is signed by %q, not by %q", chain[1].Subject.CommonName, m.intermediate)
	case len(chain[0].URIs) != 1 || chain[0].URIs[0].String() != identity:
		return fmt.Errorf("it is the certificate of %v, not of %s", chain[0].URIs, identity)
	}
	return nil
}
