package checks

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio-lab/internal/settings"
)

// EastWestGateway is the Deployment that istioctl installs apart from the control plane.
const EastWestGateway = eastWestName

// Gone is something that istioctl has installed in a cluster, and that is not there or is stopped: a Deployment of istio-system,
// or the Service of its name.
type Gone struct {
	Cluster, Deployment string
	Objection           error
}

// Uninstalled returns what is gone of what istioctl installs up to the settings' stage. Of a cluster that does not answer,
// nothing is known to be gone.
func (l *Lab) Uninstalled(ctx context.Context) (all []Gone) {
	for _, m := range members(l.settings) {
		var names []string
		if l.settings.Reached(settings.Mesh) {
			names = m.controlPlane()
		}
		if l.settings.Scenario == settings.Multicluster && l.settings.Reached(settings.Gateways) {
			names = append(names, eastWestName)
		}
		for _, name := range names {
			err := m.in(l).Deployed(ctx, systemNamespace, name)
			if !lasts(err) {
				_, err = get[corev1.Service](ctx, m.in(l), services, systemNamespace, name)
			}
			if lasts(err) {
				all = append(all, Gone{m.Name, name, err})
			}
		}
	}
	return all
}

// Clear deletes the Deployment of something that is gone, if it is there and scaled to 0: istioctl makes anew what is not there,
// and does not touch the number of replicas of what is.
func (l *Lab) Clear(ctx context.Context, gone Gone) error {
	c := l.clusters[gone.Cluster]
	d, err := get[appsv1.Deployment](ctx, c, deployments, systemNamespace, gone.Deployment)
	if lasts(err) || err == nil && (d.Spec.Replicas == nil || *d.Spec.Replicas > 0) {
		return nil
	}
	if err == nil {
		err = c.objects.Resource(deployments).Namespace(d.Namespace).Delete(ctx, d.Name, metav1.DeleteOptions{})
	}
	if err != nil {
		return fmt.Errorf("delete %s of %s, which is stopped: %w", gone.Deployment, gone.Cluster, err)
	}
	return nil
}
