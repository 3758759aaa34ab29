package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// kubeSystem is where the manual puts what looks at the cluster.
const kubeSystem = metav1.NamespaceSystem

// clusterAddons: what looks at the cluster itself. The page of kube-ops-view is at another port in each scenario.
func clusterAddons(s settings.Settings, m member, opsView int) (checks []Check) {
	if s.Addon(release.KubeOpsView) {
		checks = append(checks, served(m, kubeSystem, release.KubeOpsView, opsView, "/health"))
	}
	if s.Addon(release.MetricsServer) {
		checks = append(checks, measured(m))
	}
	return checks
}

// meshAddons: what looks at the mesh, at the manual's ports.
func meshAddons(s settings.Settings, m member) (checks []Check) {
	for i, addon := range []struct{ name, path string }{
		{release.Prometheus, "/-/ready"}, {release.Grafana, "/api/health"}, {release.Kiali, "/kiali/healthz"},
		{release.Jaeger, "/jaeger/search"},
	} {
		if !s.Addon(addon.name) {
			continue
		}
		port := i + 1 // the first is the ingress gateway's
		checks = append(checks, served(m, systemNamespace, addon.name, port, addon.path))
		if addon.name == release.Prometheus {
			checks = append(checks, scraped(m, port))
		}
	}
	return checks
}

// served: a page of an add-on that asks for no login answers this host.
func served(m member, namespace, addon string, port int, path string) Check {
	return Check{
		Claim: fmt.Sprintf("%s of %s answers this host at port %d", addon, m.Name, m.Ports[port].Host),
		look: func(ctx context.Context, l *Lab) (string, error) {
			if err := m.in(l).Deployed(ctx, namespace, addon); err != nil {
				return "", err
			}
			got, err := fromHost(ctx, request{url: l.url(m.Ports[port]) + path})
			if err == nil && got.status != 200 {
				err = fmt.Errorf("%s answers %s", path, got)
			}
			return fmt.Sprintf("%d from %s", got.status, path), err
		},
		patience: 2 * time.Minute,
	}
}

// measured: metrics-server says what the node uses, as kubectl top shows it.
func measured(m member) Check {
	return Check{
		Claim: fmt.Sprintf("%s of %s has the figures of its node", release.MetricsServer, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			text, err := m.in(l).fetch(ctx, "/apis/metrics.k8s.io/v1beta1/nodes/"+m.Node)
			if err != nil {
				return "", err
			}
			var figures struct{ Usage struct{ CPU, Memory string } }
			if err := json.Unmarshal([]byte(text), &figures); err != nil || figures.Usage.CPU == "" {
				return "", fmt.Errorf("the answer is %s", tail(text))
			}
			return fmt.Sprintf("processors %s, memory %s", figures.Usage.CPU, figures.Usage.Memory), nil
		},
		patience: 2 * time.Minute,
	}
}

// scraped: Prometheus has the figures of the control plane and of a gateway.
func scraped(m member, port int) Check {
	query := url.Values{"query": {`up{app=~"istiod|` + ingressName + `"}`}}
	return Check{
		Claim: fmt.Sprintf("%s of %s has the figures of istiod and the ingress gateway", release.Prometheus, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			got, err := fromHost(ctx, request{url: l.url(m.Ports[port]) + "/api/v1/query?" + query.Encode()})
			if err != nil {
				return "", err
			}
			var reply struct {
				Data struct {
					Result []struct {
						Metric struct{ App string }
						Value  [2]any
					}
				}
			}
			if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
				return "", fmt.Errorf("the answer is %s", got)
			}
			up := map[string]bool{}
			for _, series := range reply.Data.Result {
				up[series.Metric.App] = up[series.Metric.App] || series.Value[1] == "1"
			}
			if !up["istiod"] || !up[ingressName] {
				return "", fmt.Errorf("up are, of istiod and %s: %v", ingressName, up)
			}
			return "both are up", nil
		},
		patience: 2 * time.Minute, // it asks them every 15 s, after it has found them
	}
}
