package checks

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
)

// envoy reads a page of the administration of a workload's proxy.
func (c *Cluster) envoy(ctx context.Context, w workload, page string, into any) error {
	text, err := c.run(ctx, w, "pilot-agent", "request", "GET", page)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%s of the proxy of %s in %s is not as expected: %w: %s", page, w, c.Name, err, tail(text))
	}
	return nil
}

// ownChain is the certificate chain with which a workload shows who it is: its own certificate first.
func (c *Cluster) ownChain(ctx context.Context, w workload) ([]*x509.Certificate, error) {
	var dump struct {
		Configs []struct {
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
	if err := c.envoy(ctx, w, "config_dump", &dump); err != nil {
		return nil, err
	}
	for _, config := range dump.Configs {
		for _, secret := range config.Secrets {
			if secret.Name == "default" {
				return certificates(secret.Secret.TLSCertificate.CertificateChain.InlineBytes)
			}
		}
	}
	return nil, errors.New("its proxy has no certificate")
}

// endpoint is where a proxy sends requests of one of its clusters.
type endpoint struct {
	Address struct {
		SocketAddress struct {
			Address string
			Port    int `json:"port_value"`
		} `json:"socket_address"`
	}
	Health struct {
		// Ejected says that outlier detection has taken the endpoint out, for a while.
		Ejected bool `json:"failed_outlier_check"`
	} `json:"health_status"`
	Priority int
	Locality struct{ Region, Zone string }
}

func (e endpoint) at() string {
	return fmt.Sprintf("%s:%d", e.Address.SocketAddress.Address, e.Address.SocketAddress.Port)
}

func (e endpoint) String() string {
	return fmt.Sprintf("%s (priority %d, %s)", e.at(), e.Priority, e.Locality.Region)
}

// endpoints are the endpoints that a workload's proxy has of one of its clusters.
func (c *Cluster) endpoints(ctx context.Context, w workload, cluster string) ([]endpoint, error) {
	var page struct {
		Clusters []struct {
			Name  string
			Hosts []endpoint `json:"host_statuses"`
		} `json:"cluster_statuses"`
	}
	if err := c.envoy(ctx, w, "clusters?format=json", &page); err != nil {
		return nil, err
	}
	for _, known := range page.Clusters {
		if known.Name == cluster {
			return known.Hosts, nil
		}
	}
	return nil, fmt.Errorf("the proxy of %s in %s does not know %s", w, c.Name, cluster)
}
