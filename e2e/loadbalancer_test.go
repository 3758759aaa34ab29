//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"istio-lab/internal/allot"
)

const (
	echo      = "e2e-echo"
	echoImage = "docker.io/hashicorp/http-echo:1.0"
	echoPort  = 5678
)

func loadBalancerAnswers(t *testing.T, l *multicluster) {
	for _, c := range l.members(t) {
		answersByLoadBalancer(t, c, l.slot.Client.Name)
	}
}

// answersByLoadBalancer runs a small server in a cluster, and asks it from a container by the address that MetalLB
// gives it.
func answersByLoadBalancer(t *testing.T, c *cluster, client string) {
	t.Helper()
	hello := "hello from " + c.Name
	serve(t, c, hello)
	var address string
	eventually(t, 2*time.Minute, func(ctx context.Context) (err error) {
		address, err = c.loadBalancer(ctx, metav1.NamespaceDefault, echo)
		return err
	})
	if !holds(c.Pool, address) {
		t.Errorf("the service of %s has the address %s, which is not of %s", c.Name, address, c.Pool)
	}
	eventually(t, 2*time.Minute, func(ctx context.Context) error {
		answer, err := inContainer(ctx, client, "curl", "-sS", "--max-time", "5", "http://"+address+"/")
		if err == nil && strings.TrimSpace(answer) != hello {
			err = fmt.Errorf("%s answers %q, not %q", address, answer, hello)
		}
		if err != nil {
			return fmt.Errorf("%w\n%s", err, c.describe(ctx, metav1.NamespaceDefault))
		}
		return nil
	})
}

// serve makes a Deployment that answers every request with text, and its LoadBalancer service. Both are gone after the
// test.
func serve(t *testing.T, c *cluster, text string) {
	t.Helper()
	labels := map[string]string{"app": echo}
	deployments, services := c.AppsV1().Deployments(metav1.NamespaceDefault), c.CoreV1().Services(metav1.NamespaceDefault)
	if _, err := deployments.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: echo},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "echo", Image: echoImage, Args: []string{"-text=" + text, fmt.Sprintf("-listen=:%d", echoPort)},
				}}},
			},
		},
	}, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	if _, err := services.Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: echo},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeLoadBalancer, Selector: labels,
			Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(echoPort)}},
		},
	}, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for what, err := range map[string]error{
			"service":    services.Delete(ctx, echo, metav1.DeleteOptions{}),
			"deployment": deployments.Delete(ctx, echo, metav1.DeleteOptions{}),
		} {
			if err != nil {
				t.Errorf("delete the %s %s of %s: %v", what, echo, c.Name, err)
			}
		}
	})
}

// loadBalancer returns the external address of a service, or objects if it has none.
func (c *cluster) loadBalancer(ctx context.Context, namespace, name string) (string, error) {
	service, err := c.CoreV1().Services(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if ingress := service.Status.LoadBalancer.Ingress; len(ingress) == 1 && ingress[0].IP != "" {
		return ingress[0].IP, nil
	}
	return "", fmt.Errorf("service %s of %s has no address, but %+v:\n%s", name, c.Name, service.Status,
		c.describe(ctx, "metallb-system"))
}

// holds says whether an address is of a range.
func holds(r allot.Range, address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && !a.Less(r.First) && !r.Last.Less(a)
}
