package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
	"istio-lab/components/istio"
	"istio-lab/components/traffic"
)

// workplace is a cluster that applications run in: with a control plane since the stage mesh, and their namespace since apps.
type workplace struct {
	on    cluster.Cluster
	plane *istio.Installation
	space *apps.Space
}

// open makes the namespace of the applications.
func (l *lab) open(w *workplace) (err error) {
	w.space, err = apps.NewSpace(l.ctx, w.on.Name+"-istioinaction", &apps.SpaceArgs{Cluster: w.on})
	return err
}

// run runs an application.
func (l *lab) run(w *workplace, app apps.App) (*apps.Application, error) {
	return apps.NewApplication(l.ctx, w.on.Name+"-"+app.Name, &apps.ApplicationArgs{
		App: app, Cluster: w.on, After: w.injected(),
	})
}

// enter opens an entrance through the ingress gateway.
func (l *lab) enter(w *workplace, entrance traffic.Entrance) error {
	_, err := traffic.NewEntrance(l.ctx, w.on.Name+"-"+entrance.Gateway, &traffic.EntranceArgs{
		Entrance: entrance, Cluster: w.on, Namespace: apps.Namespace, After: w.injected(),
	})
	return err
}

// injected are what has to be there before the pods of applications, and before Istio's objects about them.
func (w *workplace) injected() []pulumi.Resource {
	return []pulumi.Resource{w.space.Namespace, w.plane.Job}
}
