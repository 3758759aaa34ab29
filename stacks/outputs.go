package stacks

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/kind"
	"istio-lab/components/pki"
	"istio-lab/internal/allot"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
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

// existing adds a cluster of the person's own. Its kubeconfig is secret.
func (o *outputs) existing(slot allot.Cluster, c cluster.Cluster) {
	o.clusters[slot.Name] = pulumi.Map{
		"kubeconfig": c.Kubeconfig, "kubectl": pulumi.String("kubectl " + o.lab.Existing(slot).Options()),
	}
}

// kind adds a cluster of the lab's own. Its kubeconfigs, for this host and for containers on the Docker network, are secret.
func (o *outputs) kind(slot allot.Cluster, c *kind.Cluster) {
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
	if o.lab.OnExisting() {
		return // its load balancer says so when it is there
	}
	o.url("ingress", slot, slot.Ports[0])
	o.address("ingress", slot, slot.Pool.First.String())
}

// eastWest adds where other networks reach the services of a cluster.
func (o *outputs) eastWest(slot allot.Cluster) {
	if o.lab.OnExisting() {
		return
	}
	o.address("eastwest", slot, slot.Pool.First.Next().String())
	o.picture.joined = true
}

// request adds the commands that ask a host through the ingress gateway of a cluster: from this host, and from mypc where there is one.
func (o *outputs) request(slot allot.Cluster, host, path string) {
	client := o.lab.Slot.Client.Name
	curl := func(url string) string { return fmt.Sprintf(`curl -s -H "Host: %s" %s%s`, host, url, path) }
	if o.lab.OnExisting() {
		o.requests[host+" from this host"] = pulumi.String(curl("http://$(" + Address(o.lab.Existing(slot)) + ")"))
		return
	}
	o.requests[host+" from this host"] = pulumi.String(curl(o.at(slot.Ports[0])))
	o.requests[host+" from "+client] = pulumi.String(preflight.Docker(o.lab.Lab.DockerHost) + " exec " + client + " " + curl("http://"+slot.Pool.First.String()))
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
	return "http://" + netip.AddrPortFrom(o.lab.Lab.Reached(), uint16(port.Host)).String()
}

// Address is the command that prints the address of the ingress gateway of a person's cluster.
func Address(c settings.Existing) string {
	return "kubectl " + c.Options() + " -n istio-system get service istio-ingressgateway -o jsonpath='{.status.loadBalancer.ingress[0].ip}'"
}

func (o *outputs) export() {
	ctx := o.lab.ctx
	ctx.Export("lab", pulumi.String(o.lab.String()))
	ctx.Export("clusters", o.clusters)
	if !o.lab.OnExisting() {
		ctx.Export("addresses", o.addresses)
		ctx.Export("urls", o.urls)
		ctx.Export("picture", pulumi.String(o.picture.String()))
	}
	ctx.Export("requests", o.requests)
	if o.rootPEM != nil {
		ctx.Export("rootCertificate", o.rootPEM)
	}
}
