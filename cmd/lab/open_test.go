package main

import (
	"strings"
	"testing"

	"istio-lab/internal/settings"
)

func TestWhatIsOpenedIsTheFirstClustersUnlessAnotherIsNamed(t *testing.T) {
	values := map[string]any{"urls": map[string]any{
		"grafana west-07": "http://127.0.0.1:30072", "grafana east-07": "http://127.0.0.1:31072", "kiali east-07": "http://127.0.0.1:31073",
	}}
	for _, test := range []struct{ name, cluster, want, says string }{
		{"grafana", "", "http://127.0.0.1:30072", ""},
		{"grafana", "east", "http://127.0.0.1:31072", ""},
		{"grafana", "east-07", "http://127.0.0.1:31072", ""},
		{"kiali", "", "http://127.0.0.1:31073", ""},
		{"grafanna", "", "", `did you mean "grafana"? There are grafana, kiali`},
		{"grafana", "nort", "", "there are east-07, west-07"},
	} {
		got, err := addressOf(values, test.name, test.cluster)
		if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s of %q: got %q, %v", test.name, test.cluster, got, err)
		}
	}
	if _, err := addressOf(nil, "grafana", ""); err == nil || !strings.Contains(err.Error(), "run `lab up` first") {
		t.Error(err)
	}
}

func TestAnAddonThatIsNotThereIsToldWithItsReason(t *testing.T) {
	for _, test := range []struct {
		config     map[string]string
		name, says string
	}{
		{nil, "grafana", ""},
		{map[string]string{stageKey: "trust"}, "grafana", "grafana comes with the stage mesh, and the stack is at trust"},
		{map[string]string{stageKey: "clusters"}, "kube-ops-view", ""},
		{map[string]string{labKey: `{"addons": {"kiali": false}}`}, "kiali", "kiali is switched off in this stack's settings"},
		{map[string]string{labKey: `{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}}`}, "kube-ops-view", ""},
		{map[string]string{scenarioKey: "extension"}, "metrics-server", ""}, // it has no page
	} {
		parsed, err := settings.Parse(test.config)
		if err != nil {
			t.Fatal(err)
		}
		err = refusePage(parsed, test.name)
		if (err == nil) != (test.says == "") || err != nil && !strings.HasPrefix(err.Error(), test.says) {
			t.Errorf("%s of %v: %v", test.name, test.config, err)
		}
	}
}
