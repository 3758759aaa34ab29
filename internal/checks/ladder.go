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
	client := s.Slot.Client

	var l ladder
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
		throughIngress(west, client, webapp), published(west, webapp))
	l.at(settings.Discovery, reads(west, east), reads(east, west))
	l.at(settings.Gateways, eastWestReady(west), eastWestReady(east), routed(west, east, "webapp", "catalog"),
		passedThrough(east, "catalog"), throughIngress(west, client, catalogItems), published(west, catalogItems))
	l.at(settings.Locality, preferred(west, east))
	if s.Lab.WestBackendFails {
		l.at(settings.Locality, failsOver(west, east))
	} else {
		l.at(settings.Locality, stays(west))
	}
	l.at(settings.Policy, onlyIngress(west, east))
	return l
}

// extension is chapter 14.
func extension(s settings.Settings) []Check {
	m := members(s)[0]
	client := s.Slot.Client
	var l ladder
	l.at(settings.Cluster, nodeReady(m), reaches(client.Name, client.Address, m), poolReady(m), poolAnswers(m))
	l.at(settings.Cluster, clusterAddons(s, m, 7)...)
	l.at(settings.Mesh, controlPlane(m), proxiesSynced(m), gatewayAnswers(m))
	l.at(settings.Mesh, meshAddons(s, m)...)
	l.at(settings.Apps, meshed(m, "webapp"), meshed(m, "catalog"), meshed(m, "httpbin"), meshed(m, "sleep"),
		throughIngress(m, client, webapp.uncounted()), published(m, webapp.uncounted()),
		throughIngress(m, client, catalogItems.uncounted()), httpbinAnswers(m))
	l.at(settings.Tap, tapped(m))
	l.at(settings.RateLimit, limiterReady(m))
	l.at(settings.RateLimit, limited(s, m)...)
	l.at(settings.Lua, cohortTold(m), answersWith(m, "istioinaction", "it works!"))
	l.at(settings.Wasm, answersWith(m, "x-istioinaction-wasm", "it works!"))
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
}

// in returns the member's cluster.
func (m member) in(l *Lab) *Cluster { return l.clusters[m.Name] }

// controlPlane are the Deployments that a control plane consists of.
func (m member) controlPlane() []string { return append([]string{istiodName}, m.gateways...) }

// members are the scenario's: west and east, or myk8s.
func members(s settings.Settings) []member {
	if s.Scenario == settings.Extension {
		return []member{{Cluster: s.Slot.MyK8s, gateways: []string{ingressName, egressName}}}
	}
	ingress := []string{ingressName}
	return []member{
		{s.Slot.West, "west-cluster", "west-network", "westus", "west.intermediate.istio.in.action", ingress},
		{s.Slot.East, "east-cluster", "east-network", "eastus", "east.intermediate.istio.in.action", ingress},
	}
}
