package settings_test

import (
	"testing"

	"istio-lab/internal/release"
)

func TestFilesAreSeenFromTheProjectAndFromHome(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	const url = "https://example.com/grafana.yaml"
	s := parse(t, map[string]string{"istio-lab:lab": `{
		"manifests": {"metallb": "addons/metallb.yaml", "prometheus": "~/prometheus.yaml", "grafana": "` + url + `"},
		"clusters": {"west": {"context": "a", "kubeconfig": "west"}, "east": {"context": "b"}}}`})
	in := s.In("/project")
	for name, want := range map[string]string{
		release.MetalLB: "/project/addons/metallb.yaml", release.Prometheus: "/home/ann/prometheus.yaml", release.Grafana: url,
	} {
		if got := in.Release.Manifests[name].Location; got != want {
			t.Errorf("%s is at %s, not at %s", name, got, want)
		}
	}
	if west, east := in.Existing(in.Slot.West), in.Existing(in.Slot.East); west.Kubeconfig != "/project/west" || east.Kubeconfig != "" {
		t.Errorf("kubeconfigs are at %q and %q", west.Kubeconfig, east.Kubeconfig)
	}
	if s.Existing(s.Slot.West).Kubeconfig != "west" {
		t.Error("the settings themselves have changed")
	}
}
