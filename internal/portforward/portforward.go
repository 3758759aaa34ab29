// Package portforward forwards ports of this host to pods, as kubectl port-forward does.
package portforward

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// ToPod forwards a port of this host, on 127.0.0.1, to a port of a running pod that the selector finds, and returns its URL. It ends with the
// context.
func ToPod(ctx context.Context, config *rest.Config, namespace, selector string, port int) (at string, err error) {
	pod, err := running(ctx, config, namespace, selector)
	if err != nil {
		return "", err
	}
	target, err := url.Parse(fmt.Sprintf("%s/api/v1/namespaces/%s/pods/%s/portforward", strings.TrimSuffix(config.Host, "/"), namespace, pod))
	if err != nil {
		return "", err
	}
	// The time limit of ordinary requests is not for streams.
	config = rest.CopyConfig(config)
	config.Timeout = 0
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return "", err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, target)
	ready, ended := make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddressesWithContext(ctx, dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)},
		ready, io.Discard, io.Discard)
	if err != nil {
		return "", err
	}
	go func() { ended <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-ended:
		return "", fmt.Errorf("forward a port to pod %s: %w", pod, err)
	case <-ctx.Done():
		return "", ctx.Err()
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("http://127.0.0.1:%d", ports[0].Local), nil
}

// running returns the name of a running pod that the selector finds.
func running(ctx context.Context, config *rest.Config, namespace, selector string) (string, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return "", err
	}
	pods, err := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(namespace).
		List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", fmt.Errorf("look for pods with %s in %s: %w", selector, namespace, err)
	}
	for _, pod := range pods.Items {
		phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
		if phase == "Running" && pod.GetDeletionTimestamp() == nil {
			return pod.GetName(), nil
		}
	}
	return "", fmt.Errorf("no pod with %s runs in %s", selector, namespace)
}
