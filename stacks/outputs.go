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
	addresses pulumi.StringMap
	requests  pulumi.StringMap
	rootPEM   pulumi.StringInput
	picture   picture
}

func (l *lab) newOutputs() *outputs {
	client := l.Slot.Client
	return &outputs{
		lab: l, clusters: pulumi.Map{}, urls: pulumi.StringMap{}, requests: pulumi.StringMap{},
		addresses: pulumi.StringMap{client.Name: pulumi.String(client.Address.String())},
		picture:   picture{network: l.Slot.Network, client: client},
	}
}

// cluster adds a cluster: its kubeconfigs, for this host and for containers on the Docker network, are secret.
func (o *outputs) cluster(slot allot.Cluster, c *kind.Cluster) {
	o.clusters[slot.Name] = pulumi.Map{
		"kubeconfig": c.Kubeconfig, "internalKubeconfig": c.InternalKubeconfig,
		"node": pulumi.String(slot.Node), "loadBalancerPool": pulumi.String(slot.Pool.String()),
	}
	o.addresses[slot.Node] = pulumi.String(slot.Address.String())
	o.picture.cluster(slot)
	for addon, port := range o.lab.addonPorts(slot) {
		o.url(addon, slot, port)
	}
}

// root adds the certificate that every workload's chain ends in.
func (o *outputs) root(r *pki.Root) { o.rootPEM = r.CertificatePEM }

// ingress adds where the ingress gateway of a cluster is reached.
func (o *outputs) ingress(slot allot.Cluster) {
	o.url("ingress", slot, slot.Ports[0])
	o.address("ingress", slot, slot.Pool.First.String())
}

// eastWest adds where other networks reach the services of a cluster.
func (o *outputs) eastWest(slot allot.Cluster, address string) {
	o.address("eastwest", slot, address)
	o.picture.joined = true
}

// request adds the commands that ask a host through the ingress gateway of a cluster: from this host, and from mypc.
func (o *outputs) request(slot allot.Cluster, host, path string) {
	client := o.lab.Slot.Client.Name
	curl := func(url string) string { return fmt.Sprintf(`curl -s -H "Host: %s" %s%s`, host, url, path) }
	o.requests[host+" from this host"] = pulumi.String(curl(o.at(slot.Ports[0])))
	o.requests[host+" from "+client] = pulumi.String("docker exec " + client + " " + curl("http://"+slot.Pool.First.String()))
}

func (o *outputs) url(what string, slot allot.Cluster, port allot.Port) {
	o.urls[what+" "+slot.Name] = pulumi.String(o.at(port))
	o.picture.part(slot, fmt.Sprintf("%s :%d", what, port.Host))
}

func (o *outputs) address(what string, slot allot.Cluster, address string) {
	o.addresses[what+" "+slot.Name] = pulumi.String(address)
	o.picture.part(slot, what+" "+address)
}

// at is the URL of a published port, as this host reaches it.
func (o *outputs) at(port allot.Port) string {
	host := o.lab.Lab.ListenAddress
	if host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port.Host))
}

func (o *outputs) export() {
	ctx := o.lab.ctx
	ctx.Export("lab", pulumi.String(fmt.Sprintf("%s up to %s, release %s, student %d",
		o.lab.Scenario, o.lab.Stage, o.lab.Release.Name, o.lab.Slot.Student)))
	ctx.Export("clusters", o.clusters)
	ctx.Export("addresses", o.addresses)
	ctx.Export("urls", o.urls)
	ctx.Export("requests", o.requests)
	ctx.Export("picture", pulumi.String(o.picture.String()))
	if o.rootPEM != nil {
		ctx.Export("rootCertificate", o.rootPEM)
	}
}
