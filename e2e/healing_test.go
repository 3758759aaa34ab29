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

// broken is a lab that is broken and healed again and again.
type broken struct {
	*stack
	// root is the certificate that the stack puts out, in PEM.
	root string
}

// TestABrokenLabIsHealed builds the lab of chapter 12 at once, and breaks it.
func TestABrokenLabIsHealed(t *testing.T) {
	parallel(t, 2, 8*time.Minute)
	b := &broken{stack: newStack(t, "e2e-broken", 80)}
	b.up(t)
	b.root = b.outputs(t).RootCertificate
	for _, part := range []struct {
		name string
		test func(*testing.T, *broken)
	}{
		{"a stopped gateway, a stopped istiod and a deleted cacerts are named and healed", brokenIstioIsHealed},
		{"a cut between the nodes is named", cutIsNamed},
		{"a node that lost its network and one that stands still are named and healed", brokenNodesAreHealed},
		{"a cluster that kind deleted is made anew", deletedClusterIsHealed},
		{"a restarted node comes back", restartedNodeComesBack},
	} {
		run(t, part.name, func(t *testing.T) { part.test(t, b) })
	}
}

// brokenIstioIsHealed breaks three stages, from the last one down, and heals them at once.
func brokenIstioIsHealed(t *testing.T, b *broken) {
	members := b.members(t)
	west, east := members[0], members[1]
	east.scaleToNothing(t, systemNamespace, "istio-eastwestgateway")
	b.isBroken(t, b.named("gateways: the east-west gateway of east answers "+b.slot.Client.Name+" at "+east.Pool.First.Next().String()))
	west.scaleToNothing(t, systemNamespace, "istiod")
	b.isBroken(t, b.named("mesh: istiod and istio-ingressgateway of west are ready"))
	secrets := west.CoreV1().Secrets(systemNamespace)
	before, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Delete(t.Context(), "cacerts", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.isBroken(t, "trust: cacerts of "+west.Name+" is west.intermediate.istio.in.action, signed by the root")
	heal(t, b)
	after, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"} {
		if len(before.Data[key]) == 0 || string(before.Data[key]) != string(after.Data[key]) {
			t.Errorf("%s of cacerts is not what it was", key) // the values are secret
		}
	}
	if string(after.Data["root-cert.pem"]) != b.root {
		t.Error("the root in cacerts is not the one that the stack puts out")
	}
}

// cutIsNamed drops what one node sends to the other. No up can know of that; it is undone by hand.
func cutIsNamed(t *testing.T, b *broken) {
	west, east := b.slot.West, b.slot.East
	rule := []string{"INPUT", "--source", west.Address.String(), "--jump", "DROP"}
	drop := func(ctx context.Context, verb string) {
		if _, err := inContainer(ctx, east.Node, append([]string{"iptables", verb}, rule...)...); err != nil {
			t.Fatal(err)
		}
	}
	drop(t.Context(), "--insert")
	b.isBroken(t, fmt.Sprintf("clusters: %s reaches %s at %s", west.Node, east.Node, east.Address))
	drop(t.Context(), "--delete")
	b.sound(t)
}

// brokenNodesAreHealed takes the network from one node and stops the other.
func brokenNodesAreHealed(t *testing.T, b *broken) {
	west, east := b.slot.West, b.slot.East
	if err := mustDocker(t).NetworkDisconnect(t.Context(), b.slot.Network.Name, east.Node, false); err != nil {
		t.Fatal(err)
	}
	b.isBroken(t, b.named("clusters: the API of east answers, and its node is ready"))
	stopOptions := container.StopOptions{Timeout: &stopTime}
	if err := mustDocker(t).ContainerStop(t.Context(), west.Node, stopOptions); err != nil {
		t.Fatal(err)
	}
	if r := b.lab(t, "status"); !strings.Contains(r.stdout, "lab up --stack "+b.name+"` starts it") {
		t.Errorf("of a stopped node, the status says:\n%s", r.stdout)
	}
	b.isBroken(t, b.named("clusters: the API of west answers, and its node is ready"))
	heal(t, b)
}

func restartedNodeComesBack(t *testing.T, b *broken) {
	west := b.members(t)[0]
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
	b.sound(t)
	b.unchanged(t)
}

func deletedClusterIsHealed(t *testing.T, b *broken) {
	kind(t, "delete", "cluster", "--name", b.slot.East.Name)
	b.isBroken(t, b.named("clusters: the API of east answers, and its node is ready"))
	heal(t, b)
}

// heal runs up with a refresh, and checks that the lab is what it was: sound, and under the same root.
func heal(t *testing.T, b *broken) {
	t.Helper()
	b.up(t, "--refresh")
	if b.outputs(t).RootCertificate != b.root {
		t.Error("the lab has another root now")
	}
	b.sound(t)
	b.unchanged(t)
}
