package stacks

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
	"istio-lab/components/istio"
	"istio-lab/internal/imagepull"
	"istio-lab/internal/settings"
)

// newWatcher reports the images that clusters of the lab cannot pull; without report, as errors of the update.
func (l *lab) newWatcher(report func(error)) *imagepull.Watcher {
	if report == nil {
		report = func(problem error) { _ = l.ctx.Log.Error(problem.Error(), &pulumi.LogArgs{}) } // it fails when the engine is gone
	}
	images := map[string]string{}
	for name, objects := range l.manifests {
		for _, object := range objects {
			pod := object.Object("spec", "template", "spec")
			for _, container := range slices.Concat(pod.Objects("initContainers"), pod.Objects("containers")) {
				images[container.String("image")] = settings.KeyLab + ".manifests." + name
			}
		}
	}
	maps.Copy(images, l.ImageSettings())
	w := &imagepull.Watcher{
		Settings: images, Namespace: istio.SystemNamespace, Mirrors: l.Lab.Mirrors, Report: report,
	}
	if l.OnExisting() {
		w.Within = []string{istio.SystemNamespace, apps.Namespace} // other pods are none of the lab's business
	}
	return w
}

// watchImages reports images that a cluster cannot pull, as long as the program runs: that is, while the update waits for the pods.
func (l *lab) watchImages(c cluster.Cluster) {
	if l.ctx.DryRun() || l.ctx.RunningWithMocks() {
		return
	}
	c.Kubeconfig.ApplyT(func(kubeconfig string) string {
		go func() {
			if err := l.watcher.Watch(l.ctx.Context(), c.Name, kubeconfig); err != nil {
				l.watcher.Report(err)
			}
		}()
		return kubeconfig
	})
}
