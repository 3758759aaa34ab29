package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const eastWestName = "istio-eastwestgateway"

// crossNetwork is the port by which the workloads of one network reach those of the other.
const crossNetwork = 15443

// eastWest is the address of the member's east-west gateway: the second of the pool, or what the person's cluster gave it.
func (m member) eastWest(ctx context.Context, l *Lab) (string, error) {
	if m.guest == "" {
		return m.Pool.First.Next().String(), nil
	}
	return m.in(l).loadBalancer(ctx, systemNamespace, eastWestName)
}

// eastWestReady: the east-west gateway is there with the address and the ports that the other cluster counts on.
func eastWestReady(m member) Check {
	return Check{
		Claim: m.answersAt("east-west", m.Pool.First.Next()),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			if err := c.Deployed(ctx, systemNamespace, eastWestName); err != nil {
				return "", err
			}
			at, err := m.addressed(ctx, l, eastWestName, m.Pool.First.Next())
			if err != nil {
				return "", err
			}
			service, err := get[corev1.Service](ctx, c, services, systemNamespace, eastWestName)
			if err != nil {
				return "", err
			}
			var ports []int32
			for _, port := range service.Spec.Ports {
				ports = append(ports, port.Port)
			}
			slices.Sort(ports)
			if want := []int32{15012, 15017, 15021, crossNetwork}; !slices.Equal(ports, want) {
				return "", lasting{fmt.Errorf("the east-west gateway of %s has the ports %v, not %v", c.Name, ports, want)}
			}
			return l.healthy(ctx, m, at)
		},
	}
}

// serviceCluster is Envoy's name for a service of the applications.
func serviceCluster(service string) string {
	return "outbound|80||" + service + "." + appsNamespace + ".svc.cluster.local"
}

// serviceSNI is the name by which a service of the applications is asked for at an east-west gateway.
func serviceSNI(service string) string {
	return "outbound_.80_._." + service + "." + appsNamespace + ".svc.cluster.local"
}

// routed: a workload's proxy sends what is for a service of the peer to the peer's east-west gateway.
func routed(m, peer member, app, service string) Check {
	return Check{
		Claim: fmt.Sprintf("%s in %s finds %s behind the east-west gateway of %s", app, m.Name, service, peer.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			known, err := c.endpoints(ctx, workload{appsNamespace, "app=" + app, sidecar}, serviceCluster(service))
			if err != nil {
				return "", err
			}
			behind, err := peer.eastWest(ctx, l)
			if err != nil {
				return "", err
			}
			want := fmt.Sprintf("%s:%d", behind, crossNetwork)
			if len(known) != 1 || known[0].at() != want {
				return "", fmt.Errorf("the proxy of %s in %s has for %s the endpoints %v, not %s; is the peer's east-west gateway up, "+
					"and %s on its network?", app, c.Name, service, known, want, service)
			}
			return want, nil
		},
	}
}

// passedThrough: who asks the member's east-west gateway for a service by SNI, meets the service itself: the gateway does not
// end TLS.
func passedThrough(m member, service string) Check {
	identity := "spiffe://cluster.local/ns/" + appsNamespace + "/sa/" + service
	return Check{
		Claim: fmt.Sprintf("the east-west gateway of %s passes %s through to its own certificate", m.Name, service),
		look: func(ctx context.Context, l *Lab) (string, error) {
			_, root, err := m.in(l).authority(ctx)
			if err != nil {
				return "", err
			}
			at, err := m.eastWest(ctx, l)
			if err != nil {
				return "", err
			}
			// Without a certificate of its own the client is turned away in the end, but by then it has seen the service's.
			text, err := l.client(m)(ctx, "sh", "-c", fmt.Sprintf(
				"timeout 5 openssl s_client -connect %s:%d -servername %s -alpn istio -showcerts </dev/null 2>&1 || true",
				at, crossNetwork, serviceSNI(service)))
			if err != nil {
				return "", err
			}
			shown, err := certificates([]byte(text))
			if err != nil {
				return "", fmt.Errorf("%s shows no certificate for %s; is its Gateway cross-network-gateway there? %s", eastWestName,
					serviceSNI(service), tail(text))
			}
			if err := m.identified(shown, root, identity); err != nil {
				return "", fmt.Errorf("%s at %s: %w", serviceSNI(service), at, err)
			}
			return fmt.Sprintf("%s, by %s", identity, m.intermediate), nil
		},
	}
}

// catalogItems is the page that webapp fills with what catalog answers: in west, that of east.
var catalogItems = page{what: "catalog, asked by webapp,", path: "/api/catalog", judge: func(got answer) (string, error) {
	var items []struct{ Name string }
	err := json.Unmarshal([]byte(got.body), &items)
	if got.status != 200 || err != nil || len(items) != 4 {
		return "", fmt.Errorf("the answer is not 200 with 4 items, but %s", got)
	}
	var names []string
	for _, item := range items {
		names = append(names, item.Name)
	}
	return "200, " + strings.Join(names, ", "), nil
}}
