package stacks

import (
	"istio-lab/components/istio"
	"istio-lab/internal/settings"
)

// extension is chapter 14: one cluster, whose data plane is extended.
func (l *lab) extension() error {
	slot := l.Slot.MyK8s

	// cluster: a kind cluster with MetalLB, and mypc beside it
	if err := l.host(); err != nil {
		return err
	}
	cluster, err := l.cluster(slot, "")
	if err != nil {
		return err
	}
	if err := l.loadBalancer(cluster, slot.Pool); err != nil {
		return err
	}
	outputs := l.newOutputs()
	outputs.cluster(slot, cluster)

	// mesh: the demo profile, with its egress gateway; HTTPS is published too
	if l.Reached(settings.Mesh) {
		system, err := istio.NewSystem(l.ctx, slot.Name+"-system", &istio.SystemArgs{Cluster: cluster.Cluster})
		if err != nil {
			return err
		}
		err = l.controlPlane(cluster, istio.ControlPlane{Egress: true, Ingress: istio.Ingress{
			Address: slot.Pool.First.String(), HTTP: slot.Ports[0].Node, HTTPS: slot.Ports[5].Node,
		}}, nil, system.Namespace)
		if err != nil {
			return err
		}
		outputs.ingress(slot)
	}

	outputs.export()
	return nil
}
