package checks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// reads: istiod of a cluster has the other cluster's API server in its remote secret, and reads services and endpoints there. Once it
// has read them it says so for ever, so that the API server is asked too.
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
			server := peer.server(l)
			remote, err := clientcmd.RESTConfigFromKubeConfig(secret.Data[peer.mesh])
			if err != nil || remote.Host != server {
				return "", lasting{fmt.Errorf("the secret %s of %s has no kubeconfig %s for %s", secretName, c.Name, peer.mesh, server)}
			}
			if err := peer.in(l).readable(ctx, remote.BearerToken); err != nil {
				return "", fmt.Errorf("istiod of %s does not get to read %s with the token of the secret %s/%s: %w", c.Name, peer.Name,
					systemNamespace, secretName, err)
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
					return "", fmt.Errorf("istiod of %s is %s with %s; does %s reach %s?", c.Name, remote.SyncStatus, peer.mesh, m.Name, server)
				}
				return peer.mesh + " is synced, and takes the token", nil
			}
			return "", fmt.Errorf("istiod of %s does not know %s, but %v", c.Name, peer.mesh, remotes)
		},
	}
}

// readable objects unless the cluster shows its services to who has a token, and nothing else.
func (c *Cluster) readable(ctx context.Context, token string) error {
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	_, err = list[corev1.Service](ctx, &Cluster{Cluster: c.Cluster, objects: objects}, services, "", "")
	return err
}
