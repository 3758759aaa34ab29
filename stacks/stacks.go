// Package stacks builds the labs. multicluster.go and extension.go read like the manual's table of contents.
package stacks

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/istio"
	"istio-lab/components/network"
	"istio-lab/components/wasmplugin"
	"istio-lab/internal/imagepull"
	"istio-lab/internal/manifest"
	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
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
	// docker are the options of what is made in a Docker engine that the settings name, and of its components.
	docker []pulumi.ResourceOption
	// image and network are made before the first cluster.
	image   *docker.RemoteImage
	network *network.Network
	// module is the filter of stage wasm, where that is reached.
	module wasmplugin.Module
	// manifests are the third-party manifests that the stage needs, by name.
	manifests map[string][]manifest.Object
	// known are the person's clusters, by the lab's names; empty where the lab makes its own.
	known map[string]preflight.Known
	// watcher looks for images that clusters cannot pull.
	watcher *imagepull.Watcher
	// stage is the one that is being built.
	stage settings.Stage
}

// build registers the lab that the settings describe, and exports its outputs. Directory and listener are as in Run.
func (l *lab) build(want preflight.Want, directory string, listener Listener) error {
	if err := errors.Join(l.readManifests(), l.compileFilter(directory)); err != nil {
		return err
	}
	if err := l.untaken(want); err != nil {
		return fmt.Errorf("the clusters are not ready for stack %s, and nothing was made:\n%w", l.ctx.Stack(), err)
	}
	if listener.Accepted != nil {
		if err := listener.Accepted(); err != nil {
			return err
		}
	}
	if err := l.sayChange(want); err != nil {
		return err
	}
	l.watcher = l.newWatcher(listener.Stuck)
	if listener.Registers != nil {
		if err := l.announce(listener.Registers); err != nil {
			return err
		}
	}
	switch l.Scenario {
	case settings.Multicluster:
		return l.multicluster()
	case settings.Extension:
		return l.extension()
	}
	return fmt.Errorf("no scenario %q", l.Scenario)
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

// site is what all IstioOperators of a lab say alike.
func (l *lab) site() istio.Site {
	return istio.Site{Release: l.Release, Values: l.Lab.IstioOperator.Values}
}

// controlPlane installs Istio in a cluster, and signs with the CA that ca stands for.
func (l *lab) controlPlane(
	c cluster.Cluster, plane istio.ControlPlane, ca pulumi.StringInput, after ...pulumi.Resource,
) (*istio.Installation, error) {
	plane.Env = l.Lab.Istiod.Env
	return istio.NewInstallation(l.ctx, c.Name+"-istio", &istio.InstallationArgs{
		Cluster: c, Operator: plane.Operator(), Image: l.Release.Images[release.Istioctl], CA: ca,
		After: after, ReadinessTimeout: readinessTimeout,
	})
}

// ingress is where the ingress gateway of a cluster is reached; nil leaves that to the person's own cluster.
func (l *lab) ingress(pinned istio.Ingress) *istio.Ingress {
	if l.OnExisting() {
		return nil
	}
	return &pinned
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
