package stacks

import (
	"testing"

	"istio-lab/internal/allot"
	"istio-lab/internal/golden"
)

func TestThePictureShowsTheClustersWithTheirAddressesAndPorts(t *testing.T) {
	slot, err := allot.For(7, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	p := picture{network: slot.Network, client: slot.Client, joined: true}
	for _, c := range []allot.Cluster{slot.West, slot.East} {
		p.cluster(c)
		p.part(c, "ingress "+c.Pool.First.String())
	}
	golden.Check(t, "testdata/picture.mmd", p.String())
}
