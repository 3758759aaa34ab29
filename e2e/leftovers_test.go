//go:build e2e

package e2e

import (
	"context"
	"testing"

	"github.com/docker/docker/api/types/network"

	"istio-lab/internal/owner"
)

func TestAKilledRunsLabsAreRemovedAndNobodyElses(t *testing.T) {
	need(t)
	if kept() {
		t.Skip("labs of this run are to stay")
	}
	d := mustDocker(t)
	stays := map[string]bool{}
	for name, of := range map[string]struct {
		owner owner.Owner
		stays bool
	}{
		"e2e-leftovers-killed":  {owner.Owner{Stack: "organization/istio-lab/e2e-gone", Origin: "ann@host:/lab", Student: lastStudent}, false},
		"e2e-leftovers-class":   {owner.Owner{Stack: "organization/istio-lab/student-94", Origin: "ann@host:/lab", Student: 94}, false},
		"e2e-leftovers-own":     {owner.Owner{Stack: "organization/istio-lab/ann", Origin: "ann@host:/lab", Student: lastStudent}, true},
		"e2e-leftovers-student": {owner.Owner{Stack: "organization/istio-lab/student-07", Origin: "ann@host:/lab", Student: 7}, true},
	} {
		labels := map[string]string{}
		for _, l := range of.owner.Labels() {
			labels[l.Key] = l.Value
		}
		made, err := d.NetworkCreate(t.Context(), name, network.CreateOptions{Labels: labels})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.NetworkRemove(context.WithoutCancel(t.Context()), made.ID) })
		stays[name] = of.stays
	}
	if err := sweepSuite(t.Context()); err != nil {
		t.Fatal(err)
	}
	there, err := d.NetworkList(t.Context(), network.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, n := range there {
		found[n.Name] = true
	}
	for name, stay := range stays {
		if found[name] != stay {
			t.Errorf("the network %s is there: %t", name, found[name])
		}
	}
}
