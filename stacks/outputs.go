package stacks

import (
	"fmt"
	"net"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/kind"
	"istio-lab/components/pki"
	"istio-lab/internal/allot"
)

// outputs gathers what a person needs to use the lab.
type outputs struct {
	lab       *lab
	clusters  pulumi.Map
	urls      pulumi.StringMap
	rootPEM   pulumi.StringInput
	addresses pulumi.StringMap
}

func (l *lab) newOutputs() *outputs {
	return &outputs{lab: l, clusters: pulumi.Map{}, urls: pulumi.StringMap{}, addresses: pulumi.StringMap{
		l.Slot.Client.Name: pulumi.String(l.Slot.Client.Address.String()),
	}}
}

// cluster adds a cluster: its kubeconfigs, for this host and for containers on the Docker network, are secret.
func (o *outputs) cluster(slot allot.Cluster, c *kind.Cluster) {
	o.clusters[slot.Name] = pulumi.Map{
		"kubeconfig": c.Kubeconfig, "internalKubeconfig": c.InternalKubeconfig,
		"node": pulumi.String(slot.Node), "loadBalancerPool": pulumi.String(slot.Pool.String()),
	}
	o.addresses[slot.Node] = pulumi.String(slot.Address.String())
}

// root adds the certificate that every workload's chain ends in.
func (o *outputs) root(r *pki.Root) { o.rootPEM = r.CertificatePEM }

// ingress adds where the ingress gateway of a cluster is reached from this host.
func (o *outputs) ingress(slot allot.Cluster) {
	host := o.lab.Lab.ListenAddress
	if host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	o.urls["ingress "+slot.Name] = pulumi.String("http://" + net.JoinHostPort(host, strconv.Itoa(slot.Ports[0].Host)))
	o.addresses["ingress "+slot.Name] = pulumi.String(slot.Pool.First.String())
}

func (o *outputs) export() {
	ctx := o.lab.ctx
	ctx.Export("lab", pulumi.String(fmt.Sprintf("%s up to %s, release %s, student %d",
		o.lab.Scenario, o.lab.Stage, o.lab.Release.Name, o.lab.Slot.Student)))
	ctx.Export("clusters", o.clusters)
	ctx.Export("addresses", o.addresses)
	ctx.Export("urls", o.urls)
	if o.rootPEM != nil {
		ctx.Export("rootCertificate", o.rootPEM)
	}
}
