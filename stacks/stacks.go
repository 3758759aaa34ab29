// Package stacks builds the labs. multicluster.go and extension.go read like the manual's table of contents.
package stacks

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/istio"
	"istio-lab/components/kind"
	"istio-lab/components/metallb"
	"istio-lab/components/mypc"
	"istio-lab/components/network"
	"istio-lab/components/wasmplugin"
	"istio-lab/internal/allot"
	"istio-lab/internal/imagepull"
	"istio-lab/internal/manifest"
	"istio-lab/internal/owner"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// readinessTimeout bounds the wait for one component of Istio, the pull of its image included; it is istioctl's own default.
// Measured for a whole control plane with the images near: 17 s.
const readinessTimeout = 5 * time.Minute

// lab is what both scenarios stand on.
type lab struct {
	ctx *pulumi.Context
	settings.Settings
	owner owner.Owner
	// image and network are made before the first cluster.
	image   *docker.RemoteImage
	network *network.Network
	// module is the filter of stage wasm, where that is reached.
	module wasmplugin.Module
	// manifests are the third-party manifests that the stage needs, by name.
	manifests map[string][]manifest.Object
	// watcher looks for images that clusters cannot pull.
	watcher *imagepull.Watcher
	// stage is the one that is being built.
	stage settings.Stage
}

// build registers the lab that the settings describe, and exports its outputs. Directory and listener are as in Run.
func build(ctx *pulumi.Context, s settings.Settings, o owner.Owner, directory string, listener Listener) error {
	l := &lab{ctx: ctx, Settings: s, owner: o}
	if err := errors.Join(l.readManifests(), l.compileFilter(directory)); err != nil {
		return err
	}
	l.watcher = l.newWatcher(listener.Stuck)
	if listener.Registers != nil {
		if err := l.announce(listener.Registers); err != nil {
			return err
		}
	}
	switch s.Scenario {
	case settings.Multicluster:
		return l.multicluster()
	case settings.Extension:
		return l.extension()
	}
	return fmt.Errorf("no scenario %q", s.Scenario)
}

// compileFilter compiles the filter of stage wasm, before anything registers: a preview too has to know its digest.
func (l *lab) compileFilter(directory string) (err error) {
	if l.Scenario != settings.Extension || !l.Reached(settings.Wasm) {
		return nil
	}
	if l.ctx.RunningWithMocks() {
		l.module = wasmplugin.Module{Path: "filter.wasm", SHA256: strings.Repeat("0", 64)}
		return nil
	}
	l.module, err = wasmplugin.Compile(l.ctx.Context(), directory, wasmplugin.Filter)
	return err
}

// host makes what the clusters run on: the Docker network, the node image and mypc.
func (l *lab) host() (err error) {
	l.network, err = network.NewNetwork(l.ctx, l.Slot.Network.Name, &network.NetworkArgs{Network: l.Slot.Network, Owner: l.owner})
	if err != nil {
		return err
	}
	// Kept by destroy: other stacks use the image too, and the next `up` need not pull it.
	l.image, err = docker.NewRemoteImage(l.ctx, "node", &docker.RemoteImageArgs{
		Name: pulumi.String(l.Release.Images[release.Node]), KeepLocally: pulumi.Bool(true),
	})
	if err != nil {
		return err
	}
	_, err = mypc.NewClient(l.ctx, l.Slot.Client.Name, &mypc.ClientArgs{
		Container: l.Slot.Client, Image: l.Release.Images[release.Client], Network: l.network.Name, Owner: l.owner,
	})
	return err
}

// cluster makes one kind cluster; region is its node's, and so its workloads' locality.
func (l *lab) cluster(c allot.Cluster, region string) (*kind.Cluster, error) {
	labels := map[string]string{}
	if region != "" {
		labels = map[string]string{"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": "0"}
	}
	made, err := kind.NewCluster(l.ctx, c.Name, &kind.ClusterArgs{
		Cluster: c, Image: l.image.Name, Network: l.network.Name,
		ListenAddress: netip.MustParseAddr(l.Lab.ListenAddress), NodeLabels: labels,
		Mirrors: l.Lab.Mirrors, KubeletFeatureGates: l.Lab.Kubelet.FeatureGates, Owner: l.owner,
	})
	if err != nil {
		return nil, err
	}
	l.watchImages(made)
	return made, nil
}

// loadBalancer makes MetalLB in a cluster, with the cluster's pool.
func (l *lab) loadBalancer(c *kind.Cluster, pool allot.Range) error {
	images := map[string]string{}
	for container, image := range map[string]string{
		"controller": release.MetalLBController, "speaker": release.MetalLBSpeaker,
	} {
		if l.Release.Overridden[image] {
			images[container] = l.Release.Images[image]
		}
	}
	_, err := metallb.NewLoadBalancer(l.ctx, c.Name+"-metallb", &metallb.LoadBalancerArgs{
		Cluster: c.Cluster, Manifest: l.manifests[release.MetalLB], Images: images, Pool: pool,
	})
	return err
}

// site is what all IstioOperators of a lab say alike.
func (l *lab) site() istio.Site {
	return istio.Site{Release: l.Release, Values: l.Lab.IstioOperator.Values}
}

// controlPlane installs Istio in a cluster, and signs with the CA that ca stands for.
func (l *lab) controlPlane(
	c *kind.Cluster, plane istio.ControlPlane, ca pulumi.StringInput, after ...pulumi.Resource,
) (*istio.Installation, error) {
	plane.Env = l.Lab.Istiod.Env
	return istio.NewInstallation(l.ctx, c.Name+"-istio", &istio.InstallationArgs{
		Cluster: c.Cluster, Operator: plane.Operator(), Image: l.Release.Images[release.Istioctl], CA: ca,
		After: after, ReadinessTimeout: readinessTimeout,
	})
}

// step is what a stage adds.
type step struct {
	stage settings.Stage
	build func() error
}

// climb builds the steps up to the configured stage.
func (l *lab) climb(steps ...step) error {
	for _, s := range steps {
		if !l.Reached(s.stage) {
			return nil
		}
		l.stage = s.stage
		if err := s.build(); err != nil {
			return err
		}
	}
	return nil
}

// announce tells of every resource before it is registered.
func (l *lab) announce(registers func(stage settings.Stage, typ, name string)) error {
	return l.ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		_, isProvider := args.Resource.(pulumi.ProviderResource)
		if _, isCustom := args.Resource.(pulumi.CustomResource); isCustom && !isProvider {
			registers(l.stage, args.Type, args.Name)
		}
		return nil
	})
}
