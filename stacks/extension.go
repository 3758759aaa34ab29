package stacks

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/envoyfilter"
	"istio-lab/components/istio"
	"istio-lab/components/ratelimit"
	"istio-lab/components/traffic"
	"istio-lab/components/wasmplugin"
	"istio-lab/internal/allot"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// extension is chapter 14: one cluster, whose data plane is extended.
type extension struct {
	*lab
	slot    allot.Cluster
	outputs *outputs

	workplace
	// The applications whose sidecars are extended.
	webapp, catalog, httpbin *apps.Application
}

// extension builds the chapter, a stage for each of its steps.
func (l *lab) extension() error {
	e := &extension{lab: l, slot: l.Slot.MyK8s, outputs: l.newOutputs()}
	err := l.climb(
		step{settings.Cluster, e.cluster},
		step{settings.Mesh, e.mesh},
		step{settings.Apps, e.apps},
		step{settings.Tap, e.tap},
		step{settings.RateLimit, e.rateLimit},
		step{settings.Lua, e.lua},
		step{settings.Wasm, e.wasm},
	)
	if err != nil {
		return err
	}
	e.outputs.export()
	return nil
}

// cluster: a kind cluster with MetalLB, and mypc beside it; or one that is there.
func (e *extension) cluster() (err error) {
	if err := e.host(); err != nil {
		return err
	}
	if e.on, err = e.lab.cluster(e.slot, "", e.outputs); err != nil {
		return err
	}
	if err := e.loadBalancer(e.on, e.slot.Pool); err != nil {
		return err
	}
	return e.clusterAddons(e.on, e.slot)
}

// mesh: the demo profile, with its egress gateway; HTTPS is published too.
func (e *extension) mesh() error {
	system, err := istio.NewSystem(e.ctx, e.slot.Name+"-system", &istio.SystemArgs{Cluster: e.on})
	if err != nil {
		return err
	}
	e.plane, err = e.controlPlane(e.on, istio.ControlPlane{Site: e.site(), Egress: true, Ingress: e.ingress(istio.Ingress{
		Address: e.slot.Pool.First.String(), HTTP: e.slot.Ports[0].Node, HTTPS: e.slot.Ports[5].Node,
	})}, nil, system.Namespace)
	if err != nil {
		return err
	}
	e.outputs.ingress(e.slot)
	return e.meshAddons(e.on, e.slot, system.Namespace)
}

// apps: the shop with its entrance, httpbin to be called, and sleep to call from.
func (e *extension) apps() (err error) {
	if err := e.open(&e.workplace); err != nil {
		return err
	}
	if e.webapp, err = e.run(&e.workplace, apps.Webapp(e.Release)); err != nil {
		return err
	}
	if e.catalog, err = e.run(&e.workplace, apps.Catalog(e.Release)); err != nil {
		return err
	}
	if e.httpbin, err = e.run(&e.workplace, apps.HTTPBin(e.Release)); err != nil {
		return err
	}
	if _, err = e.run(&e.workplace, apps.Sleep(e.Release)); err != nil {
		return err
	}
	e.outputs.request(e.slot, traffic.Coolstore.Host, "/api/catalog")
	return e.enter(&e.workplace, traffic.Coolstore)
}

// tap: requests to webapp can be looked at.
func (e *extension) tap() error { return e.filter(envoyfilter.Tap(), e.webapp) }

// rateLimit: customers may ask catalog so many times a minute, by their tier.
func (e *extension) rateLimit() error {
	service, err := ratelimit.NewService(e.ctx, e.slot.Name+"-ratelimit", &ratelimit.ServiceArgs{
		Cluster: e.on, Image: e.Release.Images[release.RateLimit], RedisImage: e.Release.Images[release.Redis],
		Limits: e.Lab.RateLimits, After: e.injected(),
	})
	if err != nil {
		return err
	}
	return errors.Join(
		e.filter(envoyfilter.RateLimit(), e.catalog, service.Deployment),
		e.filter(envoyfilter.RateLimitActions(), e.catalog, service.Deployment),
	)
}

// lua: requests to httpbin carry the group of the A/B test that bucket-tester puts them in.
func (e *extension) lua() error {
	tester, err := e.run(&e.workplace, apps.BucketTester(e.Release))
	if err != nil {
		return err
	}
	return e.filter(envoyfilter.Lua(), e.httpbin, tester.Deployment)
}

// wasm: what httpbin answers has one header more, from a filter of the lab's own.
func (e *extension) wasm() error {
	_, err := wasmplugin.NewPlugin(e.ctx, e.slot.Name+"-wasm", &wasmplugin.PluginArgs{
		Name: "httpbin-wasm", Workload: e.httpbin, Header: wasmplugin.ItWorks,
		Server: wasmplugin.ServerArgs{
			Container: e.Slot.Server, Module: e.module, Image: e.Release.Images[release.Busybox], Network: e.network.Name, Owner: e.owner,
		},
	}, e.docker...)
	return err
}

// filter applies a filter to the sidecar of an application.
func (e *extension) filter(filter envoyfilter.Filter, workload *apps.Application, after ...pulumi.Resource) error {
	_, err := envoyfilter.NewFilter(e.ctx, e.slot.Name+"-"+filter.Name, &envoyfilter.FilterArgs{
		Filter: filter, Workload: workload, After: after,
	})
	return err
}
