//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"istio-lab/components/istio"
	"istio-lab/internal/allot"
	"istio-lab/internal/checks"
)

const (
	systemNamespace = istio.SystemNamespace
	ingressName     = "istio-ingressgateway"
)

// cluster is a cluster of the lab, reached by the kubeconfig that the stack puts out. The checks only look; tests change it.
type cluster struct {
	*checks.Cluster
	*kubernetes.Clientset
	dynamic dynamic.Interface
}

// connect returns a client of a cluster of the stack.
func (s *stack) connect(t testing.TB, slot allot.Cluster) *cluster {
	t.Helper()
	return newCluster(t, slot, s.outputs(t).Clusters[slot.Name].Kubeconfig)
}

// members are clients of both clusters of the multicluster lab.
func (s *stack) members(t testing.TB) []*cluster {
	t.Helper()
	return []*cluster{s.connect(t, s.slot.West), s.connect(t, s.slot.East)}
}

func newCluster(t testing.TB, slot allot.Cluster, kubeconfig string) *cluster {
	t.Helper()
	looked, err := checks.Connect(slot, kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(looked.Config)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(looked.Config)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{looked, client, objects}
}

// kubectl runs a node's own kubectl as the cluster's administrator, and returns what it prints.
func kubectl(ctx context.Context, node string, args ...string) (string, error) {
	return inContainer(ctx, node, append([]string{"kubectl", "--kubeconfig=/etc/kubernetes/admin.conf"}, args...)...)
}

// meshReady waits until the control plane and the ingress gateway of a cluster work together.
func meshReady(t *testing.T, c *cluster) {
	t.Helper()
	eventually(t, 3*time.Minute, func(ctx context.Context) error {
		for _, name := range []string{"istiod", ingressName} {
			if err := c.Deployed(ctx, systemNamespace, name); err != nil {
				return err
			}
		}
		_, err := c.Synced(ctx)
		return err
	})
}

// scaleToNothing stops all that a Deployment runs.
func (c *cluster) scaleToNothing(t *testing.T, namespace, name string) {
	t.Helper()
	deployments := c.AppsV1().Deployments(namespace)
	scale, err := deployments.GetScale(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scale.Spec.Replicas = 0
	if _, err := deployments.UpdateScale(t.Context(), name, scale, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// startedSince objects to pods that are not ready, or have not been started since a time; those that have done their
// work and ended do not count.
func (c *cluster) startedSince(ctx context.Context, since time.Time) error {
	pods, err := c.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	counted := 0
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodSucceeded {
			continue
		}
		for _, container := range pod.Status.ContainerStatuses {
			counted++
			running := container.State.Running
			if running == nil || !container.Ready || running.StartedAt.Time.Before(since) {
				return fmt.Errorf("container %s of %s in %s is not ready since %s:\n%s", container.Name, pod.Name, c.Name,
					since.Format(time.TimeOnly), c.Describe(ctx, pod.Namespace))
			}
		}
	}
	if counted == 0 {
		return errors.New("there are no pods")
	}
	return nil
}
