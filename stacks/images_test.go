package stacks

import (
	"testing"

	"istio-lab/internal/manifest"
	"istio-lab/internal/settings"
)

func TestEveryImageOfTheLabIsWatchedByTheSettingThatChangesIt(t *testing.T) {
	parsed, err := settings.Parse(map[string]string{"istio-lab:lab": `{
		"images": {"pilot": "hub.example/pilot:1"}, "mirrors": {"docker.io": "http://192.0.2.1:5000"}}`})
	if err != nil {
		t.Fatal(err)
	}
	pod := func(images ...any) manifest.Object {
		var containers []any
		for _, image := range images {
			containers = append(containers, map[string]any{"name": "c", "image": image})
		}
		return manifest.Object{"kind": "Deployment", "spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"initContainers": containers[:1], "containers": containers[1:],
		}}}}
	}
	l := &lab{Settings: parsed, manifests: map[string][]manifest.Object{
		"metallb": {{"kind": "Namespace"}, pod("init:1", "quay.io/metallb/controller:v0.14.9")}, "kiali": {pod("init:2", "kiali:1")},
	}}
	w := l.newWatcher(nil)
	for image, want := range map[string]string{
		"hub.example/pilot:1": "lab.images.pilot", "docker.io/istio/istioctl:1.17.8": "lab.images.istioctl",
		"quay.io/metallb/controller:v0.14.9": "lab.images.metallb-controller",
		"init:1":                             "lab.manifests.metallb", "kiali:1": "lab.manifests.kiali",
		"docker.io/istio/pilot:1.17.8": "", "": "",
	} {
		if got := w.Settings[image]; got != want {
			t.Errorf("%q: %q, want %q", image, got, want)
		}
	}
	if w.Mirrors["docker.io"] == "" || w.Namespace != "istio-system" {
		t.Errorf("mirrors %v, namespace %s", w.Mirrors, w.Namespace)
	}
}
