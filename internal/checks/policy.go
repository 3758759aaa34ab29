package checks

import (
	"context"
	"fmt"
	"strings"

	"istio-lab/internal/release"
)

// onlyIngress: the peer's backend answers who has the identity of the member's ingress gateway, and nobody else in the mesh. The gateway
// itself prefers its own cluster's backend, so that what it gets says nothing about the peer's.
func onlyIngress(m, peer member) Check {
	return Check{
		Claim: fmt.Sprintf("%s of %s answers a pod of %s that has the ingress gateway's identity, and refuses one that the gateway answers",
			backend, peer.Name, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			// Both are made before either is waited for.
			stranger, remove, err := l.neighbour(ctx, m, peer, appsNamespace, defaultAccount)
			if err != nil {
				return "", err
			}
			defer remove()
			trusted, remove, err := l.neighbour(ctx, m, peer, systemNamespace, ingressAccount)
			if err != nil {
				return "", err
			}
			defer remove()
			direct := request{url: "http://" + backend + "." + appsNamespace + "/"}
			refused, err := stranger.ask(ctx, direct)
			if err != nil {
				return "", err
			}
			if greets(refused, greeting(m)) == nil {
				return "", fmt.Errorf("a pod of %s that prefers %s is answered by its own cluster: no request gets to %[2]s, so that nothing is "+
					"known of the policy there", m.Name, peer.Name)
			}
			if refused.status != 403 || strings.TrimSpace(refused.body) != "RBAC: access denied" {
				return "", fmt.Errorf("a pod of %s that calls %s of %s is not refused, but gets %s", m.Name, backend, peer.Name, refused)
			}
			allowed, err := trusted.ask(ctx, direct)
			if err != nil {
				return "", err
			}
			if err := greets(allowed, greeting(peer)); err != nil {
				return "", fmt.Errorf("a pod of %s that has the identity of the ingress gateway, %s, calls %s of %s: %w; does the "+
					"AuthorizationPolicy of %[4]s allow this identity?", m.Name, ingressIdentity, backend, peer.Name, err)
			}
			through, err := stranger.ask(ctx, request{host: backendHost, url: "http://" + ingressName + "." + systemNamespace + "/"})
			if err != nil {
				return "", err
			}
			from := m
			if l.settings.Lab.WestBackendFails {
				from = peer
			}
			if err := greets(through, greeting(from)); err != nil {
				return "", fmt.Errorf("through the ingress gateway: %w", err)
			}
			return fmt.Sprintf("200 %s; 403 %s; through the gateway 200 %s", greeting(peer), strings.TrimSpace(refused.body),
				greeting(from)), nil
		},
		limit:    pullLimit,
		patience: pullPatience,
	}
}

// neighbour makes a pod with a sidecar in a cluster, of a service account. The pod says that it is in the peer's region, so that its
// sidecar prefers the peer's services.
func (l *Lab) neighbour(ctx context.Context, m, peer member, namespace, account string) (at place, remove func(), err error) {
	c := m.in(l)
	// Unlike the applications' namespace, istio-system has a sidecar for those pods alone that ask for it.
	labels := map[string]string{"istio-locality": peer.region + ".0", "sidecar.istio.io/inject": "true"}
	made, remove, err := c.caller(ctx, namespace, account, labels, l.settings.Release.Images[release.Client])
	if err != nil {
		return nil, nil, err
	}
	if !hasSidecar(*made) {
		remove()
		return nil, nil, lasting{fmt.Errorf("pods in %s of %s get no sidecar", namespace, c.Name)}
	}
	return c.inCaller(made), remove, nil
}
