package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cacerts"
	"istio-lab/components/eastwest"
	"istio-lab/components/istio"
	"istio-lab/components/pki"
	"istio-lab/components/remotesecret"
	"istio-lab/components/traffic"
	"istio-lab/internal/allot"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// multicluster is chapter 12: two clusters, each with a control plane of its own, joined to one mesh.
type multicluster struct {
	*lab
	west, east *member
	outputs    *outputs
}

// member is a cluster of the mesh. The mesh knows it by the manual's names, whatever its name on the host is.
type member struct {
	slot                  allot.Cluster
	mesh, network, region string
	// intermediate is the common name of the cluster's CA.
	intermediate string

	workplace
	system  *istio.System
	cacerts *cacerts.CACerts
}

// multicluster builds the chapter, a stage for each of its steps.
func (l *lab) multicluster() error {
	m := &multicluster{
		lab: l,
		west: &member{
			slot: l.Slot.West, mesh: "west-cluster", network: "west-network", region: "westus",
			intermediate: "west.intermediate.istio.in.action",
		},
		east: &member{
			slot: l.Slot.East, mesh: "east-cluster", network: "east-network", region: "eastus",
			intermediate: "east.intermediate.istio.in.action",
		},
		outputs: l.newOutputs(),
	}
	err := l.climb(
		step{settings.Clusters, m.clusters},
		step{settings.LoadBalancer, m.loadBalancers},
		step{settings.Trust, m.trust},
		step{settings.Mesh, m.mesh},
		step{settings.Apps, m.apps},
		step{settings.Discovery, m.discovery},
		step{settings.Gateways, m.gateways},
		step{settings.Locality, m.backends},
		step{settings.Policy, m.policy},
	)
	if err != nil {
		return err
	}
	m.outputs.export()
	return nil
}

func (m *multicluster) members() []*member { return []*member{m.west, m.east} }

// clusters: two kind clusters on one Docker network, and mypc beside them; or two that are there.
func (m *multicluster) clusters() (err error) {
	if err := m.host(); err != nil {
		return err
	}
	for _, c := range m.members() {
		if c.on, err = m.cluster(c.slot, c.region, m.outputs); err != nil {
			return err
		}
		if err := m.clusterAddons(c.on, c.slot); err != nil {
			return err
		}
	}
	return nil
}

// loadBalancers: MetalLB, with a pool for each cluster.
func (m *multicluster) loadBalancers() error {
	for _, c := range m.members() {
		if err := m.loadBalancer(c.on, c.slot.Pool); err != nil {
			return err
		}
	}
	return nil
}

// trust: one root, and an intermediate for each cluster, plugged in before istiod starts.
func (m *multicluster) trust() error {
	root, err := pki.NewRoot(m.ctx, "root-ca", &pki.RootArgs{CommonName: "root.istio.in.action"})
	if err != nil {
		return err
	}
	for _, c := range m.members() {
		if err := m.plugIn(c, root); err != nil {
			return err
		}
	}
	m.outputs.root(root)
	return nil
}

// plugIn makes istio-system, labelled with the cluster's network, and in it the CA that istiod signs with.
func (m *multicluster) plugIn(c *member, root *pki.Root) (err error) {
	c.system, err = istio.NewSystem(m.ctx, c.slot.Name+"-system", &istio.SystemArgs{Cluster: c.on, Network: c.network})
	if err != nil {
		return err
	}
	ca, err := pki.NewIntermediate(m.ctx, c.slot.Name+"-intermediate", &pki.IntermediateArgs{Root: root, CommonName: c.intermediate})
	if err != nil {
		return err
	}
	c.cacerts, err = cacerts.NewCACerts(m.ctx, c.slot.Name+"-cacerts", &cacerts.CACertsArgs{
		Cluster: c.on, Namespace: istio.SystemNamespace, CA: ca, After: []pulumi.Resource{c.system.Namespace},
	})
	return err
}

// mesh: a control plane for each cluster, with an ingress gateway.
func (m *multicluster) mesh() (err error) {
	for _, c := range m.members() {
		c.plane, err = m.controlPlane(c.on, istio.ControlPlane{
			Site: m.site(c),
			// The first of the pool's addresses, the first published NodePort, and for HTTPS one that is not published.
			Ingress: m.ingress(istio.Ingress{Address: c.slot.Pool.First.String(), HTTP: c.slot.Ports[0].Node, HTTPS: 30443}),
		}, c.cacerts.Fingerprint, c.system.Namespace, c.cacerts.Secret)
		if err != nil {
			return err
		}
		if err := m.meshAddons(c.on, c.slot, c.system.Namespace); err != nil {
			return err
		}
		m.outputs.ingress(c.slot)
	}
	return nil
}

// site is what all IstioOperators of a member say alike.
func (m *multicluster) site(c *member) istio.Site {
	site := m.lab.site()
	site.Mesh, site.Cluster, site.Network = "usmesh", c.mesh, c.network
	site.Locality = m.locality(c)
	return site
}

// apps: webapp in west, catalog in east, and in west no more of catalog than its name.
func (m *multicluster) apps() error {
	for _, c := range m.members() {
		if err := m.open(&c.workplace); err != nil {
			return err
		}
	}
	if _, err := m.run(&m.west.workplace, apps.Webapp(m.Release)); err != nil {
		return err
	}
	if err := m.enter(&m.west.workplace, traffic.Coolstore); err != nil {
		return err
	}
	catalog := apps.Catalog(m.Release)
	_, err := apps.NewStub(m.ctx, m.west.slot.Name+"-"+catalog.Name, &apps.StubArgs{
		App: catalog, Cluster: m.west.on, After: []pulumi.Resource{m.west.space.Namespace},
	})
	if err != nil {
		return err
	}
	m.outputs.request(m.west.slot, traffic.Coolstore.Host, "/api/catalog")
	_, err = m.run(&m.east.workplace, catalog)
	return err
}

// discovery: each istiod reads the services and endpoints of the other cluster.
func (m *multicluster) discovery() error {
	for _, pair := range [][2]*member{{m.west, m.east}, {m.east, m.west}} {
		reader, remote := pair[0], pair[1]
		_, err := remotesecret.NewRemoteSecret(m.ctx, reader.slot.Name+"-reads-"+remote.slot.Name, &remotesecret.RemoteSecretArgs{
			Remote: remote.on, RemoteName: remote.mesh, Reader: reader.on,
			Server:      m.server(remote.slot),
			AfterRemote: []pulumi.Resource{remote.plane.Job}, AfterReader: []pulumi.Resource{reader.plane.Job},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gateways: an east-west gateway for each cluster, by which the other one reaches its services.
func (m *multicluster) gateways() error {
	for _, c := range m.members() {
		gateway := istio.EastWestGateway{Site: m.site(c)}
		if !m.OnExisting() {
			gateway.Address = c.slot.Pool.First.Next().String()
		}
		_, err := eastwest.NewGateway(m.ctx, c.slot.Name+"-eastwest", &eastwest.GatewayArgs{
			Cluster: c.on, Operator: gateway.Operator(), Image: m.Release.Images[release.Istioctl],
			After: []pulumi.Resource{c.plane.Job}, ReadinessTimeout: readinessTimeout,
		})
		if err != nil {
			return err
		}
		m.outputs.eastWest(c.slot)
	}
	return nil
}

// backends: simple-backend in both clusters, and callers that keep to the near one until it fails.
func (m *multicluster) backends() error {
	if _, err := m.run(&m.west.workplace, m.backend(m.west, m.Lab.WestBackendFails)); err != nil {
		return err
	}
	if _, err := m.run(&m.east.workplace, m.backend(m.east, false)); err != nil {
		return err
	}
	if err := m.enter(&m.west.workplace, traffic.SimpleBackend); err != nil {
		return err
	}
	m.outputs.request(m.west.slot, traffic.SimpleBackend.Host, "/")
	_, err := traffic.NewLocality(m.ctx, m.west.slot.Name+"-locality", &traffic.LocalityArgs{
		Cluster: m.west.on, Namespace: apps.Namespace, After: m.west.injected(),
	})
	return err
}

// backend is the simple-backend of a member.
func (m *multicluster) backend(c *member, fails bool) apps.App {
	app := apps.SimpleBackend(m.Release, c.slot.Manual(), fails)
	app.Locality = m.locality(c)
	return app
}

// locality is where the workloads of a member say that they are, for lack of a node's word: the nodes of the person's own clusters are
// left as they are, and may all be of one region.
func (m *multicluster) locality(c *member) string {
	if m.OnExisting() {
		return c.region + ".0"
	}
	return ""
}

// policy: in east, simple-backend is for the ingress gateways alone.
func (m *multicluster) policy() error {
	_, err := traffic.NewPolicy(m.ctx, m.east.slot.Name+"-allow-only-ingress", &traffic.PolicyArgs{
		Cluster: m.east.on, Namespace: apps.Namespace, App: "simple-backend", After: m.east.injected(),
	})
	return err
}
