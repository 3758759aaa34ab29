//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"net"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestTheExtensionLab builds the lab of chapter 14 up to its mesh.
func TestTheExtensionLab(t *testing.T) {
	need(t)
	before := volumes(t, false)
	s := newStack(t, "e2e-extension", 92)
	s.up(t, "--scenario=extension", "--stage=cluster")
	t.Run("the claims of the mesh are not true before it", func(t *testing.T) { s.notYet(t) })
	s.up(t, "--stage=mesh")
	c := s.connect(t, s.slot.MyK8s)

	t.Run("all claims are true", func(t *testing.T) { s.sound(t) })
	t.Run("the ports of myk8s are published", func(t *testing.T) {
		bindings, err := publishedPorts(t, c.Node)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"6443/tcp": fmt.Sprint(c.APIPort)}
		for _, port := range c.Ports {
			want[fmt.Sprintf("%d/tcp", port.Node)] = fmt.Sprint(port.Host)
		}
		if len(want) != 9 || !maps.Equal(bindings, want) {
			t.Errorf("published are %v, not %v", bindings, want)
		}
	})
	t.Run("the ingress gateway is reached by HTTP and HTTPS", func(t *testing.T) {
		service, err := c.CoreV1().Services(systemNamespace).Get(t.Context(), ingressName, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		checkIngressService(t, c, service, gatewayPorts(30000, 30005)) // the manual publishes HTTPS too
		hello := "hello from the gateway of " + c.Name
		answerDirectly(t, c, hello)
		eventually(t, time.Minute, func(ctx context.Context) error {
			return answersHost(ctx, "http://"+published(30000, c), hello)
		})
	})
	t.Run("plain destroy leaves nothing", func(t *testing.T) { destroyedWhole(t, s, before) })
}

// publishedPorts maps the ports of a container to those of this host, all of which are to be loopback's alone.
func publishedPorts(t *testing.T, name string) (map[string]string, error) {
	t.Helper()
	inspected, err := mustDocker(t).ContainerInspect(t.Context(), name)
	if err != nil {
		return nil, err
	}
	ports := map[string]string{}
	for port, bindings := range inspected.NetworkSettings.Ports {
		for _, binding := range bindings {
			if !net.ParseIP(binding.HostIP).IsLoopback() {
				return nil, fmt.Errorf("%s is published at %s", port, binding.HostIP)
			}
			ports[string(port)] = binding.HostPort
		}
	}
	return ports, nil
}
