//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	istiodSelector  = "app=istiod"
	ingressSelector = "istio=ingressgateway"
	ingressName     = "istio-ingressgateway"
)

// meshReady waits until the control plane and the ingress gateway of a cluster work together.
func meshReady(t *testing.T, c *cluster) {
	t.Helper()
	eventually(t, 3*time.Minute, func(ctx context.Context) error {
		for _, name := range []string{"istiod", ingressName} {
			if err := c.deployed(ctx, systemNamespace, name); err != nil {
				return err
			}
		}
		return c.synced(ctx)
	})
}

// synced objects unless istiod has a proxy for each gateway and each sidecar, and each has acknowledged all that it was
// sent.
func (c *cluster) synced(ctx context.Context) error {
	text, err := c.run(ctx, systemNamespace, istiodSelector, "pilot-discovery", "request", "GET", "/debug/syncz")
	if err != nil {
		return err
	}
	var proxies []map[string]any
	if err := json.Unmarshal([]byte(text), &proxies); err != nil {
		return fmt.Errorf("/debug/syncz of %s is not a list: %w: %s", c.Name, err, tail(text))
	}
	known := map[string]bool{}
	for _, proxy := range proxies {
		name, _ := proxy["proxy"].(string)
		known[name] = true
		if err := acknowledged(proxy); err != nil {
			return fmt.Errorf("proxy %s of %s: %w", name, c.Name, err)
		}
	}
	pods, err := c.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	expected := 0
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			if container.Name != "istio-proxy" || pod.DeletionTimestamp != nil {
				continue
			}
			expected++
			if name := pod.Name + "." + pod.Namespace; !known[name] {
				return fmt.Errorf("istiod of %s does not know the proxy %s, but %s", c.Name, name, text)
			}
		}
	}
	if expected == 0 {
		return fmt.Errorf("there is no proxy in %s", c.Name)
	}
	return nil
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
