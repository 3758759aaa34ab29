package checks

import (
	"context"
	"encoding/json"
	"fmt"
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
	all, err := list[corev1.Pod](ctx, c, pods, "", "")
	if err != nil {
		return 0, err
	}
	expected := 0
	for _, pod := range all {
		if !hasSidecar(pod) || pod.DeletionTimestamp != nil {
			continue
		}
		expected++
		if name := pod.Name + "." + pod.Namespace; !known[name] {
			return 0, fmt.Errorf("istiod of %s does not know the proxy %s:\n%s", c.Name, name, c.Describe(ctx, pod.Namespace))
		}
	}
	if expected == 0 {
		return 0, fmt.Errorf("there is no proxy in %s", c.Name)
	}
	return expected, nil
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
	identity := "spiffe://cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"
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
				err = m.identified(shown, root, identity)
			}
			if err != nil {
				return "", fmt.Errorf("the ingress gateway of %s: %w", m.Name, err)
			}
			return identity, nil
		},
	}
}

// gatewayAnswers: mypc reaches the ingress gateway by the load balancer. Before there is anything to serve, its health page
// answers.
func gatewayAnswers(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the ingress gateway of %s answers mypc at %s", m.Name, m.Pool.First),
		look: func(ctx context.Context, l *Lab) (string, error) {
			if err := m.in(l).addressed(ctx, ingressName, m.Pool.First.String()); err != nil {
				return "", err
			}
			return l.healthy(ctx, m.Pool.First.String())
		},
	}
}

// addressed objects unless the load balancer of a gateway's service has an address.
func (c *Cluster) addressed(ctx context.Context, gateway, want string) error {
	address, err := c.loadBalancer(ctx, systemNamespace, gateway)
	if err == nil && address != want {
		err = lasting{fmt.Errorf("service %s of %s has the address %s, not %s", gateway, c.Name, address, want)}
	}
	return err
}

// healthy asks the health page of the gateway at an address from mypc.
func (l *Lab) healthy(ctx context.Context, address string) (string, error) {
	url := "http://" + address + ":15021/healthz/ready"
	got, err := l.client().ask(ctx, request{url: url})
	if err == nil && got.status != 200 {
		err = fmt.Errorf("%s answers %s", url, got)
	}
	return fmt.Sprintf("%d from %s", got.status, url), err
}
