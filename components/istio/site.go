package istio

import "istio-lab/internal/release"

// LocalityLabel is the label of a pod that says where it is, in the place of its node's.
const LocalityLabel = "istio-locality"

// Site is what all IstioOperators of one cluster say alike.
type Site struct {
	// Mesh, Cluster and Network are the names by which the mesh knows the cluster; empty for a cluster on its own.
	Mesh, Cluster, Network string
	// Locality is region.zone, where the gateways say that they are; empty for what the nodes say.
	Locality string
	// Release names the images.
	Release release.Release
	// Values is merged over all other values.
	Values map[string]any
}

// values are the Helm values of an IstioOperator, with those of own that no other one has.
func (s Site) values(own map[string]any) map[string]any {
	// The manual's --set; its nodes' tools trace sidecars from within.
	global := map[string]any{"proxy": map[string]any{"privileged": true}}
	if s.Mesh != "" {
		global["meshID"] = s.Mesh
		global["multiCluster"] = map[string]any{"clusterName": s.Cluster}
		global["network"] = s.Network
	}
	if s.Release.Overridden[release.Proxy] {
		image := map[string]any{"image": s.Release.Images[release.Proxy]}
		global = Merge(global, map[string]any{"proxy": image, "proxy_init": image})
	}
	return Merge(Merge(map[string]any{"global": global}, own), s.Values)
}
