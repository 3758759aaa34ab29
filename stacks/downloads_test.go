package stacks_test

import (
	"slices"
	"testing"

	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

func TestWhatHasAMirrorOrIsAFileOrIsLeftOutIsNotDownloaded(t *testing.T) {
	for name, test := range map[string]struct {
		lab  string
		want []string
	}{
		"the released": {`{}`, []string{
			"https://quay.io/v2/", "https://raw.githubusercontent.com/", "https://registry-1.docker.io/v2/", "https://registry.k8s.io/v2/",
		}},
		"mirrors, files and no add-ons": {`{
			"mirrors": {"docker.io": "http://192.0.2.1", "quay.io": "http://192.0.2.1", "registry.k8s.io": "http://192.0.2.1"},
			"manifests": {"metallb": "testdata/metallb.yaml", "prometheus": "testdata/prometheus.yaml"},
			"addons": {"grafana": false, "kiali": false, "jaeger": false}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			s, err := settings.Parse(map[string]string{"istio-lab:lab": test.lab})
			if err != nil {
				t.Fatal(err)
			}
			if got := stacks.Wanted(s, "organization/istio-lab/test", ".").Downloads; !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
