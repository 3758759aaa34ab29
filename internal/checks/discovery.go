package checks

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// reads: istiod of a cluster has the other cluster's API server in its remote secret, and reads services and endpoints there.
func reads(m, peer member) Check {
	secretName := "istio-remote-secret-" + peer.mesh
	return Check{
		Claim: fmt.Sprintf("istiod of %s reads the endpoints of %s", m.Name, peer.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			secret, err := get[corev1.Secret](ctx, c, secrets, systemNamespace, secretName)
			if err != nil {
				return "", err
			}
			server := "https://" + peer.Node + ":6443"
			if kubeconfig := string(secret.Data[peer.mesh]); !strings.Contains(kubeconfig, server) {
				return "", lasting{fmt.Errorf("the secret %s of %s has no kubeconfig %s for %s", secretName, c.Name, peer.mesh, server)}
			}
			var remotes []struct{ ID, SecretName, SyncStatus string }
			if err := c.istiod(ctx, "/debug/clusterz", &remotes); err != nil {
				return "", err
			}
			for _, remote := range remotes {
				if remote.ID != peer.mesh || remote.SecretName != systemNamespace+"/"+secretName {
					continue
				}
				if remote.SyncStatus != "synced" {
					return "", fmt.Errorf("istiod of %s is %s with %s; does %s reach %s, and is the token of the remote secret valid?",
						c.Name, remote.SyncStatus, peer.mesh, m.Node, server)
				}
				return peer.mesh + " is synced", nil
			}
			return "", fmt.Errorf("istiod of %s does not know %s, but %v", c.Name, peer.mesh, remotes)
		},
	}
}
