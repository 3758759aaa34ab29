package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cacerts"
	"istio-lab/components/istio"
	"istio-lab/components/kind"
	"istio-lab/components/pki"
	"istio-lab/internal/allot"
	"istio-lab/internal/settings"
)

// member is a cluster of the mesh. The mesh knows it by the manual's names, whatever its name on the host is.
type member struct {
	slot                     allot.Cluster
	cluster, network, region string
	// intermediate is the common name of the cluster's CA.
	intermediate string

	kind    *kind.Cluster
	system  *istio.System
	cacerts *cacerts.CACerts
}

// multicluster is chapter 12: two clusters, each with a control plane of its own, joined to one mesh by a common root.
func (l *lab) multicluster() error {
	slot := l.Slot
	members := []*member{
		{
			slot: slot.West, cluster: "west-cluster", network: "west-network", region: "westus",
			intermediate: "west.intermediate.istio.in.action",
		},
		{
			slot: slot.East, cluster: "east-cluster", network: "east-network", region: "eastus",
			intermediate: "east.intermediate.istio.in.action",
		},
	}

	// clusters: two kind clusters on one Docker network, and mypc beside them
	if err := l.host(); err != nil {
		return err
	}
	outputs := l.newOutputs()
	for _, m := range members {
		var err error
		if m.kind, err = l.cluster(m.slot, m.region); err != nil {
			return err
		}
		outputs.cluster(m.slot, m.kind)
	}

	// loadbalancer: MetalLB, a pool for each
	if l.Reached(settings.LoadBalancer) {
		for _, m := range members {
			if err := l.loadBalancer(m.kind, m.slot.Pool); err != nil {
				return err
			}
		}
	}

	// trust: one root, an intermediate for each, plugged in before istiod starts
	if l.Reached(settings.Trust) {
		root, err := pki.NewRoot(l.ctx, "root-ca", &pki.RootArgs{CommonName: "root.istio.in.action"})
		if err != nil {
			return err
		}
		for _, m := range members {
			if err := l.trust(m, root); err != nil {
				return err
			}
		}
		outputs.root(root)
	}

	// mesh: a control plane for each, with an ingress gateway
	if l.Reached(settings.Mesh) {
		for _, m := range members {
			err := l.controlPlane(m.kind, istio.ControlPlane{
				Mesh: "usmesh", Cluster: m.cluster, Network: m.network, Ingress: ingress(m.slot),
			}, m.cacerts.Fingerprint, m.system.Namespace, m.cacerts.Secret)
			if err != nil {
				return err
			}
			outputs.ingress(m.slot)
		}
	}

	outputs.export()
	return nil
}

// trust makes istio-system, labelled with the cluster's network, and in it the CA that istiod signs with.
func (l *lab) trust(m *member, root *pki.Root) (err error) {
	m.system, err = istio.NewSystem(l.ctx, m.slot.Name+"-system", &istio.SystemArgs{Cluster: m.kind.Cluster, Network: m.network})
	if err != nil {
		return err
	}
	ca, err := pki.NewIntermediate(l.ctx, m.slot.Name+"-intermediate", &pki.IntermediateArgs{Root: root, CommonName: m.intermediate})
	if err != nil {
		return err
	}
	m.cacerts, err = cacerts.NewCACerts(l.ctx, m.slot.Name+"-cacerts", &cacerts.CACertsArgs{
		Cluster: m.kind.Cluster, Namespace: istio.SystemNamespace, CA: ca, After: []pulumi.Resource{m.system.Namespace},
	})
	return err
}

// ingress is the ingress gateway of a cluster of this scenario: the first of the pool's addresses, the first published NodePort,
// and for HTTPS a NodePort that is not published.
func ingress(c allot.Cluster) istio.Ingress {
	return istio.Ingress{Address: c.Pool.First.String(), HTTP: c.Ports[0].Node, HTTPS: 30443}
}
