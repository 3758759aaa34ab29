package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

const (
	istiodName  = "istiod"
	ingressName = "istio-ingressgateway"
	egressName  = "istio-egressgateway"
	// sidecar is the container of every proxy, gateways' too.
	sidecar = "istio-proxy"
	// ingressAccount is the service account of the ingress gateways, ingressIdentity what the mesh knows them by.
	ingressAccount  = "istio-ingressgateway-service-account"
	ingressIdentity = "spiffe://cluster.local/ns/" + systemNamespace + "/sa/" + ingressAccount
)

var (
	istiod  = workload{systemNamespace, "app=istiod", "discovery"}
	ingress = workload{systemNamespace, "istio=ingressgateway", sidecar}
)

// controlPlane: istiod and the gateways that come with it are up.
func controlPlane(m member) Check {
	return Check{
		Claim: fmt.Sprintf("istiod and %s of %s are ready", strings.Join(m.gateways, ", "), m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			for _, name := range m.controlPlane() {
				if err := c.Deployed(ctx, systemNamespace, name); err != nil {
					return "", err
				}
			}
			version, err := c.run(ctx, istiod, "pilot-discovery", "version", "--short")
			version = strings.TrimSpace(version)
			return "Istio " + version[strings.LastIndex(version, " ")+1:], err
		},
	}
}

// proxiesSynced: as `istioctl proxy-status` has it.
func proxiesSynced(m member) Check {
	return Check{
		Claim: fmt.Sprintf("every proxy of %s has acknowledged what istiod sent", m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			proxies, err := m.in(l).Synced(ctx)
			return fmt.Sprintf("proxies: %d", proxies), err
		},
	}
}

// Synced objects unless istiod has a proxy for each gateway and each sidecar, and each has acknowledged all that it was sent. It
// returns how many there are.
func (c *Cluster) Synced(ctx context.Context) (int, error) {
	var proxies []map[string]any
	if err := c.istiod(ctx, "/debug/syncz", &proxies); err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, proxy := range proxies {
		name, _ := proxy["proxy"].(string)
		known[name] = true
		if err := acknowledged(proxy); err != nil {
			return 0, fmt.Errorf("proxy %s of %s: %w", name, c.Name, err)
		}
	}
	expected, err := c.proxied(ctx)
	if err != nil {
		return 0, err
	}
	for _, pod := range expected {
		if name := pod.Name + "." + pod.Namespace; !known[name] {
			return 0, fmt.Errorf("istiod of %s does not know the proxy %s:\n%s", c.Name, name, c.Describe(ctx, pod.Namespace))
		}
	}
	if len(expected) == 0 {
		return 0, fmt.Errorf("there is no proxy in %s", c.Name)
	}
	return len(expected), nil
}

// proxied are the pods of a cluster whose proxies istiod is to know: they have not ended, and are not about to.
func (c *Cluster) proxied(ctx context.Context) ([]corev1.Pod, error) {
	all, err := c.livePods(ctx, "", "")
	return slices.DeleteFunc(all, func(pod corev1.Pod) bool { return !hasSidecar(pod) || pod.DeletionTimestamp != nil }), err
}

// hasSidecar says whether a pod has a proxy: a container, or on newer Kubernetes an init container that goes on.
func hasSidecar(pod corev1.Pod) bool {
	isProxy := func(c corev1.Container) bool { return c.Name == sidecar }
	return slices.ContainsFunc(pod.Spec.Containers, isProxy) || slices.ContainsFunc(pod.Spec.InitContainers, isProxy)
}

// acknowledged objects to an entry of syncz with something sent that is not acknowledged, or with nothing sent.
func acknowledged(proxy map[string]any) error {
	sent := 0
	for key, value := range proxy {
		kind, isSent := strings.CutSuffix(key, "_sent")
		if !isSent || value == "" {
			continue
		}
		sent++
		if acked := proxy[kind+"_acked"]; acked != value {
			return fmt.Errorf("%s: sent %v, acknowledged %v", kind, value, acked)
		}
	}
	if sent < 2 {
		return fmt.Errorf("neither clusters nor listeners were sent: %v", proxy)
	}
	return nil
}

// istiod reads one of istiod's debug pages.
func (c *Cluster) istiod(ctx context.Context, page string, into any) error {
	text, err := c.run(ctx, istiod, "pilot-discovery", "request", "GET", page)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("%s of istiod of %s is not as expected: %w: %s", page, c.Name, err, tail(text))
	}
	return nil
}

// workloadTrust: a workload takes part in the mesh with a certificate of its cluster's own CA.
func workloadTrust(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the ingress gateway of %s is certified by %s", m.Name, m.intermediate),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			_, root, err := c.authority(ctx)
			if err != nil {
				return "", err
			}
			shown, err := c.ownChain(ctx, ingress)
			if err == nil {
				err = m.identified(shown, root, ingressIdentity)
			}
			if err != nil {
				return "", fmt.Errorf("the ingress gateway of %s: %w", m.Name, err)
			}
			return ingressIdentity, nil
		},
	}
}

// gatewayAnswers: the client reaches the ingress gateway by the load balancer. Before there is anything to serve, its health page
// answers.
func gatewayAnswers(m member) Check {
	return Check{
		Claim: m.answersAt("ingress", m.Pool.First),
		look: func(ctx context.Context, l *Lab) (string, error) {
			at, err := m.addressed(ctx, l, ingressName, m.Pool.First)
			if err != nil {
				return "", err
			}
			return l.healthy(ctx, m, at)
		},
	}
}

// answersAt claims that a gateway answers the client: at its own address of the pool, or at whichever the person's cluster gave it.
func (m member) answersAt(gateway string, own netip.Addr) string {
	at := own.String()
	if m.guest != "" {
		at = "its load balancer's address"
	}
	return fmt.Sprintf("the %s gateway of %s answers %s at %s", gateway, m.Name, m.client, at)
}

// ingress is the address of the member's ingress gateway: the first of the pool, or what the person's cluster gave it.
func (m member) ingress(ctx context.Context, l *Lab) (string, error) {
	if m.guest == "" {
		return m.Pool.First.String(), nil
	}
	return m.in(l).loadBalancer(ctx, systemNamespace, ingressName)
}

// addressed is the address of a gateway's service, and objects unless the load balancer has given it: in a cluster of the lab's own, the
// one that is its own.
func (m member) addressed(ctx context.Context, l *Lab, gateway string, own netip.Addr) (string, error) {
	address, err := m.in(l).loadBalancer(ctx, systemNamespace, gateway)
	if err == nil && m.guest == "" && address != own.String() {
		err = lasting{fmt.Errorf("service %s of %s has the address %s, not %s", gateway, m.Name, address, own)}
	}
	return address, err
}

// healthy asks the health page of a member's gateway at an address from the client.
func (l *Lab) healthy(ctx context.Context, m member, address string) (string, error) {
	url := "http://" + address + ":15021/healthz/ready"
	got, err := l.client(m).ask(ctx, request{url: url})
	if err == nil && got.status != 200 {
		err = fmt.Errorf("%s answers %s", url, got)
	}
	return fmt.Sprintf("%d from %s", got.status, url), err
}
