package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/addons"
	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// addonPorts returns the published ports of the add-ons that a cluster has at this stage, as the manual has them, by name.
func (l *lab) addonPorts(slot allot.Cluster) map[string]allot.Port {
	places := map[string]int{
		release.Prometheus: 1, release.Grafana: 2, release.Kiali: 3, release.Jaeger: 4, release.KubeOpsView: 5,
	}
	if l.Scenario == settings.Extension {
		places[release.KubeOpsView] = 7
	}
	ports := map[string]allot.Port{}
	for addon, place := range places {
		if l.Addon(addon) && (addon == release.KubeOpsView || l.Reached(settings.Mesh)) {
			ports[addon] = slot.Ports[place]
		}
	}
	return ports
}

// clusterAddons makes the add-ons that look at the cluster: kube-ops-view, and in the extension scenario metrics-server.
func (l *lab) clusterAddons(c cluster.Cluster, slot allot.Cluster) error {
	if port, on := l.addonPorts(slot)[release.KubeOpsView]; on {
		_, err := addons.NewKubeOpsView(l.ctx, c.Name+"-"+release.KubeOpsView, &addons.KubeOpsViewArgs{
			Cluster: c, Image: l.Release.Images[release.KubeOpsView], NodePort: port.Node,
		})
		if err != nil {
			return err
		}
	}
	if l.Addon(release.MetricsServer) {
		_, err := addons.NewMetricsServer(l.ctx, c.Name+"-"+release.MetricsServer, &addons.MetricsServerArgs{
			Cluster: c, Image: l.Release.Images[release.MetricsServer],
		})
		return err
	}
	return nil
}

// meshAddons makes Istio's add-ons: Prometheus, Grafana, Kiali and Jaeger. After is the namespace istio-system.
func (l *lab) meshAddons(c cluster.Cluster, slot allot.Cluster, after ...pulumi.Resource) error {
	ports := l.addonPorts(slot)
	for _, addon := range addons.Samples() {
		port, on := ports[addon]
		if !on {
			continue
		}
		if l.OnExisting() {
			port.Node = 0 // which ports are free there is not known
		}
		_, err := addons.NewSample(l.ctx, c.Name+"-"+addon, &addons.SampleArgs{
			Cluster: c, Addon: addon, Manifest: l.manifests[addon], NodePort: port.Node, After: after,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
