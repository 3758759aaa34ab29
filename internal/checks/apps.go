package checks

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

const (
	appsNamespace = "istioinaction"
	webappHost    = "webapp.istioinaction.io"
)

// meshed: an application runs with a sidecar.
func meshed(m member, app string) Check {
	return Check{
		Claim: fmt.Sprintf("%s runs in %s with a sidecar", app, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			all, err := c.livePods(ctx, appsNamespace, "app="+app)
			if err != nil {
				return "", err
			}
			for _, pod := range all {
				switch {
				case !hasSidecar(pod):
					return "", fmt.Errorf("pod %s of %s has no sidecar; is namespace %s labelled istio-injection=enabled, and was the "+
						"pod made after that?", pod.Name, c.Name, appsNamespace)
				case !ready(pod):
					return "", fmt.Errorf("pod %s of %s is not ready:\n%s", pod.Name, c.Name, c.Describe(ctx, appsNamespace))
				}
			}
			if len(all) == 0 {
				return "", lasting{fmt.Errorf("%s has no pod with app=%s in %s", c.Name, app, appsNamespace)}
			}
			return all[0].Name, nil
		},
	}
}

func ready(pod corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// page is something that answers through an ingress gateway: a path of webapp's host, asked for with headers if there are any, and
// what objects to the answer.
type page struct {
	what, path string
	headers    []string
	judge      func(answer) (saw string, err error)
}

// at is the request for the page at the URL of a gateway.
func (p page) at(gateway string) request { return request{webappHost, gateway + p.path, p.headers} }

// uncounted is the page for a customer of no tier that there is: webapp passes the header on to catalog, where no rate limit counts such
// requests, nor fails when it cannot count.
func (p page) uncounted() page {
	p.headers = []string{"x-loyalty: verify"}
	return p
}

var webapp = page{what: "webapp", path: "/", judge: func(got answer) (string, error) {
	if got.status != 200 {
		return "", fmt.Errorf("the answer is %s", got)
	}
	return "200", nil
}}

// throughIngress: a page answers the client through the member's ingress gateway, as the manual asks for it.
func throughIngress(m member, p page) Check {
	return Check{
		Claim: fmt.Sprintf("%s answers %s through the ingress gateway of %s", p.what, m.client, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			at, err := m.ingress(ctx, l)
			if err != nil {
				return "", err
			}
			got, err := l.client(m).ask(ctx, p.at("http://"+at))
			if err != nil {
				return "", err
			}
			return p.judge(got)
		},
	}
}

// published: a page answers this host by the published port of the member's ingress gateway.
func published(m member, p page) Check {
	return Check{
		Claim: fmt.Sprintf("%s answers this host at port %d", p.what, m.Ports[0].Host),
		look: func(ctx context.Context, l *Lab) (string, error) {
			got, err := fromHost(ctx, p.at(l.url(m.Ports[0])))
			if err != nil {
				return "", err
			}
			return p.judge(got)
		},
	}
}
