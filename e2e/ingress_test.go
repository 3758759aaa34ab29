//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio-lab/internal/checks"
)

// gatewayPorts are the NodePorts of an ingress gateway, by the names of its ports. All but two are the same in every
// cluster.
func gatewayPorts(http, https int32) map[string]int32 {
	return map[string]int32{"status-port": 30021, "http2": http, "https": https, "tcp": 31400, "tls": 31543}
}

const (
	gatewayHost = "e2e.istioinaction.io"
	// clientHeader is the header in which the gateway tells who has asked it.
	clientHeader  = "x-e2e-client"
	clientAddress = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%" // Envoy's word for it
)

func ingressIsReached(t *testing.T, s *stack) {
	out := s.outputs(t)
	for i, c := range s.members(t) {
		// The manual publishes 30000 of west and 31000 of east.
		http := []int32{30000, 31000}[i]
		service, err := c.CoreV1().Services(systemNamespace).Get(t.Context(), ingressName, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkIngressService(t, c, service, gatewayPorts(http, 30443))
		hello := "hello from the gateway of " + c.Name
		answerDirectly(t, c, hello)
		// From this host, by the port that the outputs name.
		url := out.URLs["ingress "+c.Name]
		if want := "http://" + published(http, c); url != want {
			t.Errorf("the outputs say that the gateway of %s is at %q, not at %s", c.Name, url, want)
		}
		eventually(t, time.Minute, func(ctx context.Context) error { return answersHost(ctx, url, hello) })
		// From mypc, by the load balancer's address, and with its own.
		eventually(t, time.Minute, func(ctx context.Context) error {
			answer, err := inContainer(ctx, s.slot.Client.Name, "curl", "-sS", "--include", "--max-time", "5",
				"--header", "Host: "+gatewayHost, "http://"+c.Pool.First.String()+"/")
			if err != nil {
				return err
			}
			for _, want := range []string{hello, fmt.Sprintf("%s: %s\r\n", clientHeader, s.slot.Client.Address)} {
				if !strings.Contains(answer, want) {
					return fmt.Errorf("the answer of %s lacks %q:\n%s", c.Name, want, answer)
				}
			}
			return nil
		})
	}
}

func checkIngressService(t *testing.T, c *cluster, service *corev1.Service, nodePorts map[string]int32) {
	t.Helper()
	if got := service.Spec.ExternalTrafficPolicy; got != corev1.ServiceExternalTrafficPolicyLocal {
		t.Errorf("the ingress of %s has externalTrafficPolicy %s", c.Name, got)
	}
	if got := service.Spec.HealthCheckNodePort; got != 32100 {
		t.Errorf("the ingress of %s has healthCheckNodePort %d", c.Name, got)
	}
	got := map[string]int32{}
	for _, port := range service.Spec.Ports {
		got[port.Name] = port.NodePort
	}
	if fmt.Sprint(got) != fmt.Sprint(nodePorts) {
		t.Errorf("the ingress of %s has the NodePorts %v, not %v", c.Name, got, nodePorts)
	}
	if ingress := service.Status.LoadBalancer.Ingress; len(ingress) != 1 || ingress[0].IP != c.Pool.First.String() {
		t.Errorf("the ingress of %s has the addresses %v, not %s", c.Name, ingress, c.Pool.First)
	}
}

// answerDirectly makes the ingress gateway answer requests for gatewayHost with text, by itself, until the test ends.
func answerDirectly(t *testing.T, c *cluster, text string) {
	t.Helper()
	type object = map[string]any
	for resource, spec := range map[string]object{
		"gateways": {
			"selector": object{"istio": "ingressgateway"},
			"servers": []any{object{
				"port": object{"number": int64(80), "name": "http", "protocol": "HTTP"}, "hosts": []any{gatewayHost},
			}},
		},
		"virtualservices": {
			"hosts": []any{gatewayHost}, "gateways": []any{"e2e"},
			"http": []any{object{
				"name":           "e2e",
				"headers":        object{"response": object{"set": object{clientHeader: clientAddress}}},
				"directResponse": object{"status": int64(http.StatusOK), "body": object{"string": text}},
			}},
		},
	} {
		api := schema.GroupVersion{Group: "networking.istio.io", Version: "v1beta1"}
		kinds := map[string]string{"gateways": "Gateway", "virtualservices": "VirtualService"}
		objects := c.dynamic.Resource(api.WithResource(resource)).Namespace(systemNamespace)
		_, err := objects.Create(t.Context(), &unstructured.Unstructured{Object: object{
			"apiVersion": api.String(), "kind": kinds[resource], "metadata": object{"name": "e2e"}, "spec": spec,
		}}, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := objects.Delete(context.Background(), "e2e", metav1.DeleteOptions{}); err != nil {
				t.Errorf("delete what the test made in %s: %v", c.Name, err)
			}
		})
	}
}

// answersHost objects unless a URL answers this host with text.
func answersHost(ctx context.Context, url, text string) error {
	status, body, err := checks.Ask(ctx, gatewayHost, url)
	if err == nil && (status != http.StatusOK || body != text) {
		err = fmt.Errorf("%s answers %d: %q", url, status, body)
	}
	return err
}
