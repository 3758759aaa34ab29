package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// engineless is a stack of a file backend, with the state and the settings that are given, and an engine that does not run.
func engineless(t *testing.T, state, settings string) *stack {
	t.Helper()
	project := t.TempDir()
	states := filepath.Join(stateDirectory(project), ".pulumi", "stacks", "istio-lab")
	if err := os.MkdirAll(states, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		filepath.Join(states, "dev.json"):          state,
		filepath.Join(project, "Pulumi.dev.yaml"):  settings,
		filepath.Join(project, "Pulumi.yaml"):      "name: istio-lab\nruntime: go\n",
		filepath.Join(states, "elsewhere.json.gz"): "compressed",
		filepath.Join(states, "newer.json"):        `{"version": 4, "checkpoint": {"latest": {}}}`,
		filepath.Join(states, "half-written.json"): `{"version": 3, "checkp`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := chooseBackend(project, environment(nil), "")
	return &stack{project: project, backend: b, engine: cli{path: filepath.Join(project, "no-pulumi")}, say: io.Discard}
}

const kept = `{"version": 3, "checkpoint": {"stack": "organization/istio-lab/dev", "latest": ` + killed + `}}`

func TestAStackOfAFileBackendIsOpenedWithoutTheEngine(t *testing.T) {
	s := engineless(t, kept, "config:\n  istio-lab:student: 7\n  istio-lab:lab:\n    images:\n      node: n\n")
	if err := s.open(t.Context(), "dev"); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{studentKey: "7", labKey: `{"images":{"node":"n"}}`}; !maps.Equal(s.config, want) {
		t.Error(s.config)
	}
	state, deployment, err := s.exportState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(pendingCreates(deployment)) != 2 || len(known(deployment)) != 1 || state.Version != 3 {
		t.Errorf("%d: %+v", state.Version, deployment)
	}
}

func TestAStateInAFormThatIsNotKnownIsLeftToTheEngine(t *testing.T) {
	s := engineless(t, kept, "")
	for _, name := range []string{"none", "elsewhere", "newer", "half-written"} {
		if _, known, err := s.checkpoint(name); known || err != nil {
			t.Errorf("%s: %v %v", name, known, err)
		}
		if err := s.open(t.Context(), name); err == nil {
			t.Errorf("%s is opened although the engine does not run", name)
		}
	}
	s.backend.url = "s3://bucket"
	if _, known, err := s.checkpoint("dev"); known || err != nil {
		t.Error(known, err)
	}
}

func TestSettingsThatAreNotAllInTheClearAreLeftToTheEngine(t *testing.T) {
	for name, settings := range map[string]string{
		"a secret":            "config:\n  istio-lab:student:\n    secure: v1:abc\n",
		"a secret within":     "config:\n  istio-lab:lab:\n    images:\n      node:\n        secure: v1:abc\n",
		"an environment":      "environment:\n  - dev\nconfig:\n  istio-lab:student: 7\n",
		"settings in no file": "",
	} {
		s := engineless(t, kept, settings)
		if settings == "" {
			if err := os.Remove(filepath.Join(s.project, "Pulumi.dev.yaml")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.open(t.Context(), "dev"); err == nil {
			t.Errorf("%s: %v", name, s.config)
		}
	}
}

func TestTheSettingsOfAServiceAreNotReadFromAFile(t *testing.T) {
	s := engineless(t, kept, "config:\n  istio-lab:student: 7\n")
	s.backend.url = "https://api.pulumi.com"
	if err := s.open(t.Context(), "dev"); err == nil {
		t.Error(s.config)
	}
}

func TestALabIsNotMovedWhileItIsBuilt(t *testing.T) {
	const (
		root     = `{"urn": "urn:pulumi:dev::istio-lab::pulumi:pulumi:Stack::istio-lab-dev", "type": "pulumi:pulumi:Stack"}`
		provider = `{"urn": "urn:pulumi:dev::istio-lab::pulumi:providers:docker::docker", "type": "pulumi:providers:docker", "custom": true,
			"id": "1", "inputs": {"host": "ssh://big1"}}`
		usual = `{"urn": "urn:pulumi:dev::istio-lab::pulumi:providers:docker::default_4_11_2", "type": "pulumi:providers:docker", "custom": true,
			"id": "1", "inputs": {"host": "unix:///var/run/docker.sock"}}`
		network = `{"urn": "urn:pulumi:dev::istio-lab::docker:index/network:Network::istio-lab", "type": "docker:index/network:Network",
			"custom": true, "id": "2"}`
		namespace = `{"urn": "urn:pulumi:dev::istio-lab::kubernetes:core/v1:Namespace::west", "type": "kubernetes:core/v1:Namespace",
			"custom": true, "id": "3"}`
		cluster = `{"urn": "urn:pulumi:dev::istio-lab::istio-lab:existing:Cluster::west", "type": "istio-lab:existing:Cluster"}`
		key     = `{"urn": "urn:pulumi:dev::istio-lab::tls:index/privateKey:PrivateKey::root-ca", "type": "tls:index/privateKey:PrivateKey",
			"custom": true, "id": "4"}`
		onHost, onOther, ofPerson = `{"dockerHost": "ssh://big1", "listenAddress": "192.0.2.11"}`, `{"dockerHost": "ssh://big2", "listenAddress": "192.0.2.12"}`,
			`{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}}`
	)
	for name, test := range map[string]struct {
		resources []string
		lab       string
		stays     bool
	}{
		"nothing is built yet":                {[]string{root}, onHost, true},
		"here, and so it is to be":            {[]string{root, usual, network}, `{}`, true},
		"here, and to be elsewhere":           {[]string{root, usual, network}, onHost, false},
		"elsewhere, and so it is to be":       {[]string{root, provider, network}, onHost, true},
		"elsewhere, and to be here":           {[]string{root, provider, network}, `{}`, false},
		"elsewhere, and to be somewhere else": {[]string{root, provider, network}, onOther, false},
		"here, and to be on the person's own": {[]string{root, usual, network, namespace}, ofPerson, false},
		"on the person's own":                 {[]string{root, cluster, namespace}, ofPerson, true},
		"on the person's own, and to be here": {[]string{root, cluster, namespace}, `{}`, false},
		"a first up that failed early":        {[]string{root, usual, key}, `{}`, true},
		"one elsewhere, to be here after all": {[]string{root, provider, key}, `{}`, true},
		"one on the person's own, likewise":   {[]string{root, cluster, key}, `{}`, true},
		"here, but all nodes were removed":    {[]string{root, usual, key, namespace}, `{}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			// As after pulumi config set: the settings are what they are to be, and only the state knows what was built.
			s := engineless(t, `{"version": 3, "checkpoint": {"latest": {"resources": [`+strings.Join(test.resources, ",")+`]}}}`, "config:\n  istio-lab:lab: "+test.lab+"\n")
			if err := s.open(t.Context(), "dev"); err != nil {
				t.Fatal(err)
			}
			if err := s.stays(t.Context(), s.config); (err == nil) != test.stays {
				t.Errorf("refused: %v", err)
			}
		})
	}
}
