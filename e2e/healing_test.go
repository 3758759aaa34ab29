//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// stopTime is how long systemd in a node may take to end its services; Docker's ten seconds are meant for one process.
var stopTime = 30

func restartedNodeComesBack(t *testing.T, l *multicluster) {
	west := l.members(t)[0]
	since := time.Now().Truncate(time.Second) // Kubernetes tells the seconds
	stopOptions := container.StopOptions{Timeout: &stopTime}
	if err := mustDocker(t).ContainerRestart(t.Context(), west.Node, stopOptions); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Minute, func(ctx context.Context) error {
		if err := west.nodeReady(ctx); err != nil {
			return err
		}
		return west.startedSince(ctx, since)
	})
	meshReady(t, west)
	if changes := l.changes(t); len(changes) > 0 {
		t.Errorf("after the restart a preview plans\n%s", titles(changes))
	}
	l.unchanged(t)
}

func deletedClusterIsHealed(t *testing.T, l *multicluster) {
	kind(t, "delete", "cluster", "--name", l.slot.East.Name)
	heal(t, l)
}

func stoppedNodeIsHealed(t *testing.T, l *multicluster) {
	stopOptions := container.StopOptions{Timeout: &stopTime}
	if err := mustDocker(t).ContainerStop(t.Context(), l.slot.West.Node, stopOptions); err != nil {
		t.Fatal(err)
	}
	heal(t, l)
}

func deletedCACertsIsHealed(t *testing.T, l *multicluster) {
	secrets := l.members(t)[0].CoreV1().Secrets(systemNamespace)
	before, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Delete(t.Context(), "cacerts", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	heal(t, l)
	after, err := secrets.Get(t.Context(), "cacerts", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"} {
		if len(before.Data[key]) == 0 || string(before.Data[key]) != string(after.Data[key]) {
			t.Errorf("%s of cacerts is not what it was", key) // the values are secret
		}
	}
}

// heal runs up with a refresh, and checks that the mesh is what it was: ready, and under the same root.
func heal(t *testing.T, l *multicluster) {
	t.Helper()
	l.up(t, "--stage=mesh", "--refresh")
	if !rootOf(t, l.stack).Equal(l.root) {
		t.Error("the lab has another root now")
	}
	for i, c := range l.members(t) {
		meshReady(t, c)
		trusted(t, c, l.root, intermediates[i])
	}
	l.unchanged(t)
}
