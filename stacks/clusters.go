package stacks

import (
	"net"
	"net/netip"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/existing"
	"istio-lab/components/kind"
	"istio-lab/components/metallb"
	"istio-lab/components/mypc"
	"istio-lab/components/network"
	"istio-lab/internal/allot"
	"istio-lab/internal/release"
)

// host makes what the clusters run on: the Docker network, the node image and mypc. The person's own run where they are.
func (l *lab) host() (err error) {
	if l.OnExisting() {
		return nil
	}
	if err := l.engine(); err != nil {
		return err
	}
	l.network, err = network.NewNetwork(l.ctx, l.Slot.Network.Name, &network.NetworkArgs{Network: l.Slot.Network, Owner: l.owner}, l.docker...)
	if err != nil {
		return err
	}
	// Kept by destroy: other stacks use the image too, and the next `up` need not pull it.
	l.image, err = docker.NewRemoteImage(l.ctx, "node", &docker.RemoteImageArgs{
		Name: pulumi.String(l.Release.Images[release.Node]), KeepLocally: pulumi.Bool(true),
	}, l.docker...)
	if err != nil {
		return err
	}
	_, err = mypc.NewClient(l.ctx, l.Slot.Client.Name, &mypc.ClientArgs{
		Container: l.Slot.Client, Image: l.Release.Images[release.Client], Network: l.network.Name, Owner: l.owner,
	}, l.docker...)
	return err
}

// Engine is the name of the provider of another host's Docker engine.
const Engine = "docker"

// engine makes a provider for the Docker engine of another host. It is in the state, so that what is there is also taken away there. The
// engine that the environment names needs none.
func (l *lab) engine() error {
	if l.Lab.DockerHost == "" {
		return nil
	}
	provider, err := docker.NewProvider(l.ctx, Engine, &docker.ProviderArgs{Host: pulumi.String(l.Lab.DockerHost)})
	l.docker = []pulumi.ResourceOption{pulumi.Provider(provider)}
	return err
}

// cluster makes one kind cluster, or takes the person's in its place. Region is its node's, and so its workloads' locality.
func (l *lab) cluster(c allot.Cluster, region string, o *outputs) (cluster.Cluster, error) {
	if l.OnExisting() {
		return l.existing(c, o)
	}
	labels := map[string]string{}
	if region != "" {
		labels = map[string]string{"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": "0"}
	}
	other, _ := l.Slot.Counterpart(c)
	made, err := kind.NewCluster(l.ctx, c.Name, &kind.ClusterArgs{
		Cluster: c, Image: l.image.Name, Network: l.network.Name,
		ListenAddress: netip.MustParseAddr(l.Lab.ListenAddress), NodeLabels: labels,
		Mirrors: l.Lab.Mirrors, KubeletFeatureGates: l.Lab.Kubelet.FeatureGates, Owner: l.owner, Replaces: other.Name,
	}, l.docker...)
	if err != nil {
		return cluster.Cluster{}, err
	}
	l.watchImages(made.Cluster)
	o.kind(c, made)
	return made.Cluster, nil
}

// existing takes the person's cluster in the place of one of the lab's own.
func (l *lab) existing(c allot.Cluster, o *outputs) (cluster.Cluster, error) {
	known := l.known[c.Name]
	taken, err := existing.NewCluster(l.ctx, c.Name, &existing.ClusterArgs{
		Name: c.Name, Kubeconfig: known.Kubeconfig, Identity: known.Identity, Owner: l.owner,
	})
	if err != nil {
		return cluster.Cluster{}, err
	}
	l.watchImages(taken.Cluster)
	o.existing(c, taken.Cluster)
	return taken.Cluster, nil
}

// server is the URL of a cluster's API server, as pods of the other cluster reach it.
func (l *lab) server(c allot.Cluster) string {
	if l.OnExisting() {
		return l.known[c.Name].Server
	}
	// By the node's name on the Docker network, which is in the API server's certificate.
	return "https://" + net.JoinHostPort(c.Node, "6443")
}

// loadBalancer makes MetalLB in a cluster, with the cluster's pool. The person's own have what they have.
func (l *lab) loadBalancer(c cluster.Cluster, pool allot.Range) error {
	if l.OnExisting() {
		return nil
	}
	images := map[string]string{}
	for container, image := range map[string]string{
		"controller": release.MetalLBController, "speaker": release.MetalLBSpeaker,
	} {
		if l.Release.Overridden[image] {
			images[container] = l.Release.Images[image]
		}
	}
	_, err := metallb.NewLoadBalancer(l.ctx, c.Name+"-metallb", &metallb.LoadBalancerArgs{
		Cluster: c, Manifest: l.manifests[release.MetalLB], Images: images, Pool: pool,
	})
	return err
}
