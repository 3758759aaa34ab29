//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio-lab/internal/settings"
)

// stagesLowerAndRise goes back over the east-west gateways, which are taken out while Istio stays, and over Istio itself.
func stagesLowerAndRise(t *testing.T, s *stack) {
	for _, stage := range []settings.Stage{settings.Discovery, settings.Trust} {
		for _, change := range s.changes(t, "--stage="+string(stage)) {
			if change.Operation != "delete" {
				t.Errorf("going back to the stage %s does more than to delete: it would %s %s", stage, change.Operation, change.Resource)
			}
		}
		if stored := s.parsed(t).Stage; stored == stage {
			t.Errorf("a preview of the stage %s has stored it", stage)
		}
		s.up(t, "--stage="+string(stage))
		s.sound(t)
		s.notYet(t, 0)
		s.unchanged(t)
	}
	for _, c := range s.members(t) {
		withoutIstio(t, c)
	}
	s.up(t, last)
	s.changedOnly(t, "create", "same")
	s.sound(t)
}

// changedOnly checks that the last update has done nothing but the given kinds of step.
func (s *stack) changedOnly(t *testing.T, kinds ...string) {
	t.Helper()
	counts := s.lastUpdate(t)
	for kind := range counts {
		if !slices.Contains(kinds, kind) {
			t.Errorf("the last update has done more than %v: %v", kinds, counts)
		}
	}
}

// clusterWide are the kinds of objects outside of namespaces that Istio makes.
var clusterWide = []schema.GroupVersionResource{
	{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"},
	{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "mutatingwebhookconfigurations"},
	{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"},
}

// withoutIstio checks that nothing of Istio is left in a cluster.
func withoutIstio(t *testing.T, c *cluster) {
	t.Helper()
	eventually(t, time.Minute, func(ctx context.Context) error {
		left, err := c.ofIstio(ctx)
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%s still has %s", c.Name, strings.Join(left, ", "))
		}
		return err
	})
}

// ofIstio names what a cluster has of Istio; the namespace and what the stage trust puts into it are not Istio's.
func (c *cluster) ofIstio(ctx context.Context) ([]string, error) {
	var names []string
	for _, kind := range clusterWide {
		list, err := c.dynamic.Resource(kind).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		for _, object := range list.Items {
			if strings.Contains(object.GetName(), "istio") {
				names = append(names, kind.Resource+" "+object.GetName())
			}
		}
	}
	pods, err := c.CoreV1().Pods(systemNamespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, pod := range pods.Items {
		names = append(names, "pod "+pod.Name)
	}
	deployments, err := c.AppsV1().Deployments(systemNamespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, deployment := range deployments.Items {
		names = append(names, "deployment "+deployment.Name)
	}
	services, err := c.CoreV1().Services(systemNamespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, service := range services.Items {
		names = append(names, "service "+service.Name)
	}
	secrets, err := c.CoreV1().Secrets(systemNamespace).List(ctx, metav1.ListOptions{
		FieldSelector: "type!=" + string(corev1.SecretTypeServiceAccountToken),
	})
	if err != nil {
		return nil, err
	}
	for _, secret := range secrets.Items {
		if secret.Name != "cacerts" {
			names = append(names, "secret "+secret.Name)
		}
	}
	return names, nil
}
