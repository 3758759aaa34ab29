package settings

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"istio-lab/internal/allot"
	"istio-lab/internal/nearest"
)

// Existing is a cluster that a person has, and that the mesh is put on in the place of a kind node of the lab's own.
type Existing struct {
	// Kubeconfig is the path of the file that has the context; empty for what kubectl reads.
	Kubeconfig string `json:"kubeconfig"`
	Context    string `json:"context"`
	// Server is the URL of the API server as the pods of the other cluster reach it; empty for what APIServer makes of the context.
	Server string `json:"server"`
}

// APIServer is the URL of the API server as the pods of the other cluster reach it, where the context itself has the given one: what is
// set, the context's if that is not loopback's, or for a kind cluster the node by its name on kind's network. Empty for none of them.
func (e Existing) APIServer(ofContext string) string {
	kind, isKind := strings.CutPrefix(e.Context, "kind-")
	switch {
	case e.Server != "":
		return e.Server
	case reachableServer(ofContext):
		return ofContext
	case isKind:
		return "https://" + kind + "-control-plane:6443"
	}
	return ""
}

// OnExisting says whether the lab is put on clusters that a person has.
func (s Settings) OnExisting() bool { return len(s.Lab.Clusters) > 0 }

// Existing is the person's cluster that takes the place of a cluster of the lab's own.
func (s Settings) Existing(c allot.Cluster) Existing { return s.Lab.Clusters[c.Manual()] }

// StagesOnExisting returns the stages of a scenario that make something on clusters that a person has: not those of nodes, and not wasm,
// whose filter a container beside the lab's own node serves.
func StagesOnExisting(s Scenario) []Stage {
	return slices.DeleteFunc(Stages(s), func(stage Stage) bool {
		return slices.Contains([]Stage{Clusters, LoadBalancer, Cluster, Wasm}, stage)
	})
}

// clusters checks lab.clusters: all clusters of the scenario or none, and beside them nothing that is about nodes of the lab's own.
func (p *parser) clusters(scenario Scenario, stage Stage, lab Lab, own []string) {
	if len(lab.Clusters) == 0 || scenario == "" {
		return
	}
	names := []string{"west", "east"}
	if scenario == Extension {
		names = []string{"myk8s"}
	}
	for _, name := range slices.Sorted(maps.Keys(lab.Clusters)) {
		key, cluster := KeyLab+".clusters."+name, lab.Clusters[name]
		if !slices.Contains(names, name) {
			p.refuse(key, "the scenario %s has no such cluster%s", scenario, nearest.Of(name, names))
			continue
		}
		if cluster.Context == "" {
			p.refuse(key+".context", "name a context of the kubeconfig; `kubectl config get-contexts -o name` lists them")
		}
		if cluster.Server != "" && !reachableServer(cluster.Server) {
			p.refuse(key+".server", "%q is not an https URL by which a pod of another cluster reaches the API server, such as "+
				"https://west-control-plane:6443", cluster.Server)
		}
	}
	for _, name := range names {
		if _, given := lab.Clusters[name]; !given {
			p.refuse(KeyLab+".clusters."+name, "give its context too: the clusters of the scenario %s are %s", scenario, strings.Join(names, " and "))
		}
	}
	for _, setting := range own {
		p.refuse(KeyLab+"."+setting, "it is about nodes that the lab makes, and lab.clusters says that they are there; leave one of them out")
	}
	if stage == Wasm {
		p.refuse(KeyStage, "%s needs a container beside the lab's own node, to serve the filter from; the last stage on an existing cluster is %s", Wasm, Lua)
	}
}

// aboutNodes names the settings that are set and are about nodes of the lab's own.
func (l Lab) aboutNodes() (names []string) {
	for name, set := range map[string]bool{
		"dockerHost": l.DockerHost != "", "listenAddress": l.ListenAddress != "", "networks": l.Networks != "", "mirrors": len(l.Mirrors) > 0,
		"kubelet": len(l.Kubelet.FeatureGates) > 0,
	} {
		if set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// reachableServer says whether a URL can be one of an API server as others than this host reach it.
func reachableServer(server string) bool {
	u, err := url.Parse(server)
	return err == nil && u.Scheme == "https" && u.Host != "" && !Loopback(u.Hostname())
}

// Loopback says whether a host is the one that asks for it.
func Loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (at.IsLoopback() || at.IsUnspecified())
}
