package stacks

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"istio-lab/components/addons"
	"istio-lab/components/metallb"
	"istio-lab/internal/manifest"
	"istio-lab/internal/preflight"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// manifests are the checks of those that the stage needs, by name.
func manifests(s settings.Settings) map[string]func([]manifest.Object) error {
	checks := map[string]func([]manifest.Object) error{}
	if !s.OnExisting() && (s.Scenario == settings.Extension || s.Reached(settings.LoadBalancer)) {
		checks[release.MetalLB] = metallb.CheckManifest
	}
	if s.Reached(settings.Mesh) {
		for _, addon := range addons.Samples() {
			if s.Addon(addon) {
				checks[addon] = func(objects []manifest.Object) error { return addons.CheckManifest(addon, objects) }
			}
		}
	}
	return checks
}

// untaken objects to objects of no namespace that the manifests have, and that are in the person's clusters without the lab.
func (l *lab) untaken(want preflight.Want) error {
	if l.ctx.RunningWithMocks() {
		return nil
	}
	var objects []preflight.Object
	for _, name := range slices.Sorted(maps.Keys(l.manifests)) {
		for _, object := range l.manifests[name] {
			if kind := object.String("kind"); kind == "ClusterRole" || kind == "ClusterRoleBinding" {
				objects = append(objects, preflight.Object{Kind: kind, Name: object.String("metadata", "name")})
			}
		}
	}
	var problems []error
	for _, cluster := range want.Existing {
		problems = append(problems, want.Untaken(l.ctx.Context(), l.known[cluster.Name], cluster, objects)...)
	}
	return errors.Join(problems...)
}

// readManifests reads and checks the third-party manifests that the stage needs, before anything registers. They may have to be
// downloaded, so all are read at once; the error has all that is wrong with any of them, by its setting.
func (l *lab) readManifests() error {
	checks := manifests(l.Settings)
	names := slices.Sorted(maps.Keys(checks))
	read, problems := make([][]manifest.Object, len(names)), make([]error, len(names))
	var reading sync.WaitGroup
	for i, name := range names {
		reading.Go(func() {
			m := l.Release.Manifests[name]
			objects, err := manifest.Read(l.ctx.Context(), m)
			if err == nil {
				if err = checks[name](objects); err != nil {
					err = fmt.Errorf("manifest %s: %w", m.Location, err)
				}
			}
			if err != nil {
				problems[i] = fmt.Errorf("%s.manifests.%s: %w", settings.KeyLab, name, err)
			}
			read[i] = objects
		})
	}
	reading.Wait()
	l.manifests = map[string][]manifest.Object{}
	for i, name := range names {
		l.manifests[name] = read[i]
	}
	return errors.Join(problems...)
}
