//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// stopTime is how long systemd in a node may take to end its services; Docker's ten seconds are meant for one process.
var stopTime = 30

// TestBrokenNodesAreHealed builds the lab of chapter 12 at once, and breaks its nodes.
func TestBrokenNodesAreHealed(t *testing.T) {
	parallel(t, 2, 7*time.Minute)
	s := newStack(t, "e2e-broken", 80)
	s.up(t)
	s.lookAt(t, []look{
		{"a node that lost its network and one that stands still are named and healed", brokenNodesAreHealed},
		{"a cluster that kind deleted is made anew", deletedClusterIsHealed},
	})
}

// brokenIstioIsHealed breaks three stages, from the last one down, and heals them at once.
func brokenIstioIsHealed(t *testing.T, s *stack) {
	members := s.members(t)
	west, east := members[0], members[1]
	east.scaleToNothing(t, systemNamespace, "istio-eastwestgateway")
	s.isBroken(t, s.named("gateways: the east-west gateway of east answers "+s.slot.Client.Name+" at "+east.Pool.First.Next().String()))
	west.scaleToNothing(t, systemNamespace, "istiod")
	s.isBroken(t, s.named("mesh: istiod and istio-ingressgateway of west are ready"))
	secrets := west.CoreV1().Secrets(systemNamespace)
	before, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Delete(t.Context(), "cacerts", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.isBroken(t, "trust: cacerts of "+west.Name+" is west.intermediate.istio.in.action, signed by the root")
	heal(t, s)
	after, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"} {
		if len(before.Data[key]) == 0 || string(before.Data[key]) != string(after.Data[key]) {
			t.Errorf("%s of cacerts is not what it was", key) // the values are secret
		}
	}
	if string(after.Data["root-cert.pem"]) != s.outputs(t).RootCertificate {
		t.Error("the root in cacerts is not the one that the stack puts out")
	}
}

// cutIsNamed drops what one node sends to the other. No up can know of that; it is undone by hand.
func cutIsNamed(t *testing.T, s *stack) {
	west, east := s.slot.West, s.slot.East
	rule := []string{"INPUT", "--source", west.Address.String(), "--jump", "DROP"}
	drop := func(ctx context.Context, verb string) {
		if _, err := inContainer(ctx, east.Node, append([]string{"iptables", verb}, rule...)...); err != nil {
			t.Fatal(err)
		}
	}
	drop(t.Context(), "--insert")
	s.isBroken(t, fmt.Sprintf("clusters: %s reaches %s at %s", west.Node, east.Node, east.Address))
	drop(t.Context(), "--delete")
	s.sound(t)
}

// brokenNodesAreHealed takes the network from one node and stops the other.
func brokenNodesAreHealed(t *testing.T, s *stack) {
	west, east := s.slot.West, s.slot.East
	if err := mustDocker(t).NetworkDisconnect(t.Context(), s.slot.Network.Name, east.Node, false); err != nil {
		t.Fatal(err)
	}
	s.isBroken(t, s.named("clusters: the API of east answers, and its node is ready"))
	stopOptions := container.StopOptions{Timeout: &stopTime}
	if err := mustDocker(t).ContainerStop(t.Context(), west.Node, stopOptions); err != nil {
		t.Fatal(err)
	}
	if r := s.lab(t, "status"); !strings.Contains(r.stdout, "lab up --stack "+s.name+"` starts it") {
		t.Errorf("of a stopped node, the status says:\n%s", r.stdout)
	}
	s.isBroken(t, s.named("clusters: the API of west answers, and its node is ready"))
	heal(t, s)
}

func restartedNodeComesBack(t *testing.T, s *stack) {
	west := s.members(t)[0]
	since := time.Now().Truncate(time.Second) // Kubernetes tells the seconds
	stopOptions := container.StopOptions{Timeout: &stopTime}
	if err := mustDocker(t).ContainerRestart(t.Context(), west.Node, stopOptions); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Minute, func(ctx context.Context) error {
		if _, err := west.NodeReady(ctx); err != nil {
			return err
		}
		return west.startedSince(ctx, since)
	})
	s.sound(t)
	s.unchanged(t)
}

func deletedClusterIsHealed(t *testing.T, s *stack) {
	kind(t, "delete", "cluster", "--name", s.slot.East.Name)
	s.isBroken(t, s.named("clusters: the API of east answers, and its node is ready"))
	heal(t, s)
}

// heal runs up with a refresh, and checks that the lab is what it was: sound, and under the same root.
func heal(t *testing.T, s *stack) {
	t.Helper()
	root := s.outputs(t).RootCertificate
	s.up(t, "--refresh")
	if s.outputs(t).RootCertificate != root {
		t.Error("the lab has another root now")
	}
	s.sound(t)
	s.unchanged(t)
}
