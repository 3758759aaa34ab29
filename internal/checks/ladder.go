package checks

import (
	"slices"

	"istio-lab/internal/allot"
	"istio-lab/internal/settings"
)

// Ladder returns the checks of all stages of the settings' scenario, in the manual's order, whatever the settings' own stage.
func Ladder(s settings.Settings) []Check {
	if s.Scenario == settings.Extension {
		return extension(s)
	}
	return multicluster(s)
}

// UpTo returns the checks of a ladder that hold for the settings' stage, and those that do not yet.
func UpTo(s settings.Settings, ladder []Check) (now, later []Check) {
	i := slices.IndexFunc(ladder, func(c Check) bool { return !s.Reached(c.Stage) })
	if i < 0 {
		i = len(ladder)
	}
	return ladder[:i], ladder[i:]
}

// ladder collects checks by stage.
type ladder []Check

func (l *ladder) at(stage settings.Stage, checks ...Check) {
	for _, c := range checks {
		c.Stage = stage
		*l = append(*l, c)
	}
}

// multicluster is chapter 12.
func multicluster(s settings.Settings) []Check {
	both := members(s)
	west, east := both[0], both[1]

	var l ladder
	if s.OnExisting() {
		for _, m := range both {
			l.at(settings.Clusters, nodesReady(m), serves(m))
		}
	} else {
		l.ownClusters(s, west, east)
	}
	for _, m := range both {
		l.at(settings.Trust, networkLabel(m), pluggedCA(m))
	}
	l.at(settings.Trust, oneRoot(west, east))
	for _, m := range both {
		l.at(settings.Mesh, controlPlane(m), proxiesSynced(m), workloadTrust(m), gatewayAnswers(m))
	}
	for _, m := range both {
		l.at(settings.Mesh, meshAddons(s, m)...)
	}
	l.at(settings.Apps, meshed(west, "webapp"), meshed(east, "catalog"),
		throughIngress(west, webapp))
	if !s.OnExisting() {
		l.at(settings.Apps, published(west, webapp))
	}
	l.at(settings.Discovery, reads(west, east), reads(east, west))
	l.at(settings.Gateways, eastWestReady(west), eastWestReady(east), routed(west, east, "webapp", "catalog"),
		passedThrough(east, "catalog"), throughIngress(west, catalogItems))
	if !s.OnExisting() {
		l.at(settings.Gateways, published(west, catalogItems))
	}
	l.at(settings.Locality, preferred(west, east))
	if s.Lab.WestBackendFails {
		l.at(settings.Locality, failsOver(west, east))
	} else {
		l.at(settings.Locality, stays(west))
	}
	l.at(settings.Policy, onlyIngress(west, east))
	return l
}

// ownClusters are the clusters of chapter 12 and their load balancers, where the lab makes them.
func (l *ladder) ownClusters(s settings.Settings, west, east member) {
	both, client := []member{west, east}, s.Slot.Client
	for _, m := range both {
		l.at(settings.Clusters, nodeReady(m), nodeRegion(m))
	}
	for _, m := range both {
		l.at(settings.Clusters, reaches(client.Name, client.Address, m))
	}
	l.at(settings.Clusters, reaches(west.Node, west.Address, east), reaches(east.Node, east.Address, west))
	for _, m := range both {
		l.at(settings.Clusters, clusterAddons(s, m, 5)...)
	}
	for _, m := range both {
		l.at(settings.LoadBalancer, poolReady(m), poolAnswers(m))
	}
}

// extension is chapter 14.
func extension(s settings.Settings) []Check {
	m := members(s)[0]
	client, answers := s.Slot.Client, gatewayAnswers(m)
	var l ladder
	if s.OnExisting() {
		l.at(settings.Cluster, nodesReady(m))
		answers.limit, answers.patience = pullLimit, pullPatience // no claim before it asks from a pod
	} else {
		l.at(settings.Cluster, nodeReady(m), reaches(client.Name, client.Address, m), poolReady(m), poolAnswers(m))
		l.at(settings.Cluster, clusterAddons(s, m, 7)...)
	}
	l.at(settings.Mesh, controlPlane(m), proxiesSynced(m), answers)
	l.at(settings.Mesh, meshAddons(s, m)...)
	l.at(settings.Apps, meshed(m, "webapp"), meshed(m, "catalog"), meshed(m, "httpbin"), meshed(m, "sleep"),
		throughIngress(m, webapp.uncounted()))
	if !s.OnExisting() {
		l.at(settings.Apps, published(m, webapp.uncounted()))
	}
	l.at(settings.Apps, throughIngress(m, catalogItems.uncounted()), httpbinAnswers(m))
	l.at(settings.Tap, tapped(m))
	l.at(settings.RateLimit, limiterReady(m))
	l.at(settings.RateLimit, limited(s, m)...)
	l.at(settings.Lua, cohortTold(m), answersWith(m, "istioinaction", "it works!"))
	l.at(settings.Wasm, answersWith(m, "x-istioinaction-wasm", "it works!"), wasmServed(m))
	return l
}

// member is a cluster as the manual speaks of it.
type member struct {
	allot.Cluster
	// mesh, network and region are the mesh's names for the cluster, its network and its place; intermediate is the common
	// name of its CA.
	mesh, network, region, intermediate string
	// gateways are the Deployments of the gateways that its control plane comes with.
	gateways []string
	// client is who asks the member's gateways, from outside of it: mypc, or a pod of the cluster guest.
	client, guest string
}

// in returns the member's cluster.
func (m member) in(l *Lab) *Cluster { return l.clusters[m.Name] }

// server is the URL of the member's API server, as pods of the other cluster reach it.
func (m member) server(l *Lab) string {
	if m.guest == "" {
		return "https://" + m.Node + ":6443"
	}
	return l.settings.Existing(m.Cluster).APIServer(m.in(l).Config.Host)
}

// controlPlane are the Deployments that a control plane consists of.
func (m member) controlPlane() []string { return append([]string{istiodName}, m.gateways...) }

// members are the scenario's: west and east, or myk8s.
func members(s settings.Settings) []member {
	all := []member{{Cluster: s.Slot.MyK8s, gateways: []string{ingressName, egressName}}}
	if s.Scenario == settings.Multicluster {
		all = []member{
			{
				Cluster: s.Slot.West, gateways: []string{ingressName}, mesh: "west-cluster", network: "west-network", region: "westus",
				intermediate: "west.intermediate.istio.in.action",
			},
			{
				Cluster: s.Slot.East, gateways: []string{ingressName}, mesh: "east-cluster", network: "east-network", region: "eastus",
				intermediate: "east.intermediate.istio.in.action",
			},
		}
	}
	for i := range all {
		m := &all[i]
		if m.client = s.Slot.Client.Name; s.OnExisting() {
			m.guest = all[len(all)-1-i].Name // the other cluster, if there are two
			m.client = "a pod of " + m.guest
		}
	}
	return all
}
