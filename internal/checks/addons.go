package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"istio-lab/internal/allot"
	"istio-lab/internal/portforward"
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
		Claim: m.shows(addon, port),
		look: func(ctx context.Context, l *Lab) (string, error) {
			if err := m.in(l).Deployed(ctx, namespace, addon); err != nil {
				return "", err
			}
			got, err := m.page(ctx, l, addon, port, path)
			if err == nil && got.status != 200 {
				err = fmt.Errorf("%s answers %s", path, got)
			}
			return fmt.Sprintf("%d from %s", got.status, path), err
		},
		patience: 2 * time.Minute,
	}
}

// shows claims that an add-on's pages are to be had: at a published port, or through the API server of the person's cluster.
func (m member) shows(addon string, port int) string {
	if m.guest != "" {
		return fmt.Sprintf("%s of %s answers through the API server", addon, m.Name)
	}
	return fmt.Sprintf("%s of %s answers this host at port %d", addon, m.Name, m.Ports[port].Host)
}

// pages are the Services of the add-ons' pages, with their ports.
var pages = map[string]struct {
	service string
	port    int
}{
	release.Prometheus: {"prometheus", 9090}, release.Grafana: {"grafana", 3000}, release.Kiali: {"kiali", 20001}, release.Jaeger: {"tracing", 80},
}

// Pages returns the names of the add-ons that look at the mesh, sorted.
func Pages() []string { return slices.Sorted(maps.Keys(pages)) }

// Forward forwards a port of this host to the pages of an add-on, one of Pages, and returns their URL. It ends with the context.
func (l *Lab) Forward(ctx context.Context, cluster allot.Cluster, addon string) (string, error) {
	c, page := l.clusters[cluster.Name], pages[addon]
	service, err := get[corev1.Service](ctx, c, services, systemNamespace, page.service)
	if err != nil {
		return "", err
	}
	port := page.port
	for _, p := range service.Spec.Ports {
		if int(p.Port) == page.port && p.TargetPort.IntValue() > 0 {
			port = p.TargetPort.IntValue()
		}
	}
	return portforward.ToPod(ctx, c.Config, systemNamespace, labels.SelectorFromSet(service.Spec.Selector).String(), port)
}

// page asks for a page of an add-on.
func (m member) page(ctx context.Context, l *Lab, addon string, port int, path string) (answer, error) {
	if m.guest == "" {
		return fromHost(ctx, request{url: l.url(m.Ports[port]) + path})
	}
	of := fmt.Sprintf("%s:%d", pages[addon].service, pages[addon].port)
	text, err := m.in(l).fetch(ctx, "/api/v1/namespaces/"+systemNamespace+"/services/"+of+"/proxy"+path)
	if err != nil {
		return answer{}, err
	}
	return answer{status: 200, body: text}, nil
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
			got, err := m.page(ctx, l, release.Prometheus, port, "/api/v1/query?"+query.Encode())
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
