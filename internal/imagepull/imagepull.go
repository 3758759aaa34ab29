// Package imagepull watches the pods of clusters for images that cannot be pulled. Kubernetes never gives up on an image, so
// whoever waits for a pod learns of a missing one only when the limit for its readiness is over.
package imagepull

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"istio-lab/internal/kubeapi"
)

// interval is the time between two looks. A pod shows each failure for about 13 s.
const interval = 2 * time.Second

// Watcher reports images that cannot be pulled, each once, however many pods of however many clusters wait for it.
type Watcher struct {
	// Settings maps each image that the lab names to the setting that it comes from, such as lab.images.pilot.
	Settings map[string]string
	// Namespace is Istio's, where new pods count whatever their image is, for istioctl has images of its own. Other pods with an
	// image that the lab does not name are the person's, or broken on purpose.
	Namespace string
	// Within are the namespaces whose pods are looked at; empty for all.
	Within []string
	// Mirrors maps a registry's host to the URL that the nodes ask first for its images.
	Mirrors map[string]string
	// Report is told of the images, with all that fail at one time in one error.
	Report func(error)

	mutex    sync.Mutex
	reported map[string]bool
}

// Watch looks at a cluster until the context ends, whether or not the API server answers. The error is that its kubeconfig cannot be read.
//
// Pods that have waited since before are made anew at the first look: those that wait for an image of the lab's, and in Istio's
// namespace those that wait for a volume, as gateways do without istiod. kubelet lets up to five minutes pass between two attempts
// at an image, and up to two at a volume, and what was missing may be there by now.
func (w *Watcher) Watch(ctx context.Context, cluster, kubeconfig string) error {
	api, err := kubeapi.Connect(kubeconfig, answerWithin)
	if err != nil {
		return err
	}
	defer api.Close()
	seen := &record{watcher: w}
	for {
		// An API server that is away is noticed by others.
		if pods, err := pendingPods(ctx, api); err == nil {
			for _, p := range seen.take(pods) {
				_ = deletePod(ctx, api, p) // one that stays is tried again too, only later
			}
			w.report(cluster, seen.failures)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(interval):
		}
	}
}

// report reports every image that fails, as soon as one has failed often enough: a person mends them together.
func (w *Watcher) report(cluster string, failures map[place]failure) {
	hopeless := func(f failure) bool { return f.times >= enough }
	if !slices.ContainsFunc(slices.Collect(maps.Values(failures)), hopeless) {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var problems []error
	for _, at := range slices.SortedFunc(maps.Keys(failures), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.pod, b.pod), cmp.Compare(a.container, b.container))
	}) {
		f := failures[at]
		if w.reported[f.image] {
			continue
		}
		if w.reported == nil {
			w.reported = map[string]bool{}
		}
		w.reported[f.image] = true
		problems = append(problems, w.problem(cluster, at.pod, f))
	}
	if len(problems) > 0 {
		w.Report(errors.Join(problems...))
	}
}
