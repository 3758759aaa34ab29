package checks

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio-lab/internal/release"
)

// onlyIngress: the peer's backend answers the member's ingress gateway, and nobody else in the mesh.
func onlyIngress(m, peer member) Check {
	return Check{
		Claim: fmt.Sprintf("%s of %s refuses a pod of %s, which the ingress gateway answers", backend, peer.Name, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			neighbour, remove, err := l.neighbour(ctx, m, peer)
			if err != nil {
				return "", err
			}
			defer remove()
			direct, err := neighbour.ask(ctx, request{url: "http://" + backend + "." + appsNamespace + "/"})
			if err != nil {
				return "", err
			}
			if direct.status != 403 || strings.TrimSpace(direct.body) != "RBAC: access denied" {
				return "", fmt.Errorf("a pod of %s that calls %s of %s is not refused, but gets %s", m.Name, backend, peer.Name, direct)
			}
			through, err := neighbour.ask(ctx, request{host: backendHost, url: "http://" + ingressName + "." + systemNamespace + "/"})
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
			return fmt.Sprintf("403 %s; 200 %s", strings.TrimSpace(direct.body), greeting(from)), nil
		},
		limit:    2 * time.Minute, // for the pull of the image
		patience: 3 * time.Minute,
	}
}

// neighbour runs a pod with a sidecar among the applications of a cluster. The pod says that it is in the peer's region, so that its
// sidecar prefers the peer's services.
func (l *Lab) neighbour(ctx context.Context, m, peer member) (at place, remove func(), err error) {
	c, now, lifetime := m.in(l), int64(0), int64(600)
	pod, remove, err := create(ctx, c, pods, appsNamespace, &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: "lab-verify-", Labels: map[string]string{"istio-locality": peer.region + ".0"},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name: "client", Image: l.settings.Release.Images[release.Client], Command: []string{"sleep", "infinity"},
			}},
			RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: &now,
			ActiveDeadlineSeconds: &lifetime, // whatever becomes of this program
		},
	})
	if err != nil {
		return nil, nil, err
	}
	err = Poll(ctx, 2*time.Minute, func(ctx context.Context) error {
		if pod, err = get[corev1.Pod](ctx, c, pods, pod.Namespace, pod.Name); err != nil {
			return err
		}
		if !hasSidecar(*pod) {
			return lasting{fmt.Errorf("pods in %s of %s get no sidecar", appsNamespace, c.Name)}
		}
		if !ready(*pod) {
			return fmt.Errorf("pod %s of %s is not ready:\n%s", pod.Name, c.Name, c.Describe(ctx, appsNamespace))
		}
		return nil
	})
	if err != nil {
		remove()
		return nil, nil, err
	}
	at = func(ctx context.Context, command ...string) (string, error) {
		return c.exec(ctx, pod.Namespace, pod.Name, "client", command...)
	}
	return at, remove, nil
}
