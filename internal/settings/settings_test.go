package settings_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/allot"
	"istio-lab/internal/loyalty"
	"istio-lab/internal/settings"
)

func parse(t *testing.T, config map[string]string) settings.Settings {
	t.Helper()
	s, err := settings.Parse(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAStackWithoutAnyKeyIsTheManualsLab(t *testing.T) {
	s := parse(t, nil)
	if s.Scenario != settings.Multicluster || s.Stage != settings.Last(settings.Multicluster) {
		t.Errorf("got %s up to %s", s.Scenario, s.Stage)
	}
	if s.Release.Name != "book" || s.Versions().Istio != "1.17.8" || s.Slot.West.Name != "west" {
		t.Errorf("got release %s, Istio %s, cluster %s", s.Release.Name, s.Versions().Istio, s.Slot.West.Name)
	}
	if s.Lab.ListenAddress != "127.0.0.1" {
		t.Errorf("published at %s, not on loopback", s.Lab.ListenAddress)
	}
}

func TestEveryKeyReachesItsValue(t *testing.T) {
	s := parse(t, map[string]string{
		"istio-lab:scenario": "extension", "istio-lab:stage": "cluster", "istio-lab:student": "7",
		"istio-lab:release": "current",
		"istio-lab:lab": `{
			"listenAddress": "0.0.0.0", "networks": "10.77.0.0/16",
			"images": {"node": "kindest/node:v1.33.1"}, "manifests": {"metallb": "/tmp/metallb.yaml"},
			"addons": {"kiali": false, "grafana": true},
			"mirrors": {"docker.io": "http://192.0.2.1:5000", "registry.example:5000": "https://mirror.example"},
			"kubelet": {"featureGates": {"KubeletInUserNamespace": true}},
			"istiod": {"env": {"PILOT_X": "1"}}, "istioOperator": {"values": {"telemetry": {"enabled": false}}},
			"rateLimits": {"gold": 20}
		}`,
		"pulumi:disable-default-providers": `["kubernetes"]`,
	})
	if s.Scenario != settings.Extension || s.Stage != settings.Cluster || s.Slot.MyK8s.Name != "myk8s-07" ||
		s.Slot.Network.Subnet.String() != "10.77.7.0/24" || s.Release.Images["node"] != "kindest/node:v1.33.1" ||
		!s.Release.Overridden["node"] || s.Release.Manifests["metallb"].Location != "/tmp/metallb.yaml" ||
		s.Release.Manifests["metallb"].SHA256 != "" || s.Addon("kiali") || !s.Addon("grafana") ||
		!s.Lab.Kubelet.FeatureGates["KubeletInUserNamespace"] ||
		s.Lab.Istiod.Env["PILOT_X"] != "1" || s.Lab.IstioOperator.Values["telemetry"] == nil ||
		s.Lab.RateLimits[loyalty.Gold] != 20 {
		t.Errorf("got %+v", s)
	}
}

func TestBadInputIsRefusedWithWhatWouldBeRight(t *testing.T) {
	lab := func(object string) map[string]string { return map[string]string{"istio-lab:lab": object} }
	for name, test := range map[string]struct {
		config map[string]string
		want   []string // parts of the message
	}{
		"a misspelt key": {
			map[string]string{"istio-lab:stag": "mesh"},
			[]string{`istio-lab:stag: no such setting; did you mean "stage"?`},
		},
		"a misspelt key of lab": {lab(`{"imags": {}}`), []string{`istio-lab:lab.imags`, `did you mean "images"?`}},
		"a misspelt key two levels down": {
			lab(`{"kubelet": {"featureGate": {}}}`),
			[]string{`istio-lab:lab.kubelet.featureGate`, `did you mean "featureGates"?`},
		},
		"an unknown scenario":  {map[string]string{"istio-lab:scenario": "multi"}, []string{`"multi" is not a scenario`, "extension, multicluster"}},
		"an unknown stage":     {map[string]string{"istio-lab:stage": "mehs"}, []string{`"mehs" is not a stage of multicluster; did you mean "mesh"?`}},
		"an unknown release":   {map[string]string{"istio-lab:release": "latest"}, []string{`"latest" is not a release`, "book, current"}},
		"a stage of the other": {map[string]string{"istio-lab:stage": "tap"}, []string{`"tap" is a stage of the scenario extension, not of multicluster`}},
		"a stage of the other, the other way round": {
			map[string]string{"istio-lab:scenario": "extension", "istio-lab:stage": "trust"},
			[]string{`"trust" is a stage of the scenario multicluster, not of extension`},
		},
		"an add-on of the other scenario": {
			lab(`{"addons": {"metrics-server": true}}`),
			[]string{"istio-lab:lab.addons.metrics-server: the scenario multicluster does not have it; it has kube-ops-view, prometheus"},
		},
		"a student out of range":    {map[string]string{"istio-lab:student": "100"}, []string{`"100" is not a number in 0..99`}},
		"a student below the range": {map[string]string{"istio-lab:student": "-1"}, []string{`"-1" is not a number in 0..99`}},
		"a student that is a word":  {map[string]string{"istio-lab:student": "seven"}, []string{`"seven" is not a number`}},
		"lab that is not an object": {lab(`[1]`), []string{"istio-lab:lab: [1] is not an object"}},
		"lab that is not JSON":      {lab(`{`), []string{"istio-lab:lab: is not an object"}},
		"a string for an object":    {lab(`{"images": "x"}`), []string{`istio-lab:lab.images: "x" is not an object`}},
		"a number for a string":     {lab(`{"listenAddress": 5}`), []string{"istio-lab:lab.listenAddress: 5 is not a string"}},
		"a string for a boolean":    {lab(`{"kubelet": {"featureGates": {"A": "true"}}}`), []string{`featureGates.A: "true" is not true or false`}},
		"an unparsable address":     {lab(`{"listenAddress": "localhost"}`), []string{`"localhost" is not an address`}},
		"an unparsable network":     {lab(`{"networks": "10.118"}`), []string{`"10.118" is not a network`}},
		"a network of a wrong size": {lab(`{"networks": "10.118.0.0/24"}`), []string{"is not an IPv4 /16"}},
		"a network over the pods":   {lab(`{"networks": "10.10.0.0/16"}`), []string{"10.10.0.0/16 overlaps", "pods of west"}},
		"a network over services":   {lab(`{"networks": "10.200.0.0/16"}`), []string{"services of east", "services of myk8s"}},
		"an image of no known name": {lab(`{"images": {"nod": "a:b"}}`), []string{`istio-lab:lab.images.nod: no such image; did you mean "node"?`}},
		"an image without a tag":    {lab(`{"images": {"node": "registry:5000/kindest/node"}}`), []string{"is not an image with a tag or a digest"}},
		"an image that is no image": {lab(`{"images": {"node": "a b:c"}}`), []string{"is not an image"}},
		"a node whose Kubernetes the release's Istio does not support": {
			lab(`{"images": {"node": "kindest/node:v1.36.4"}}`),
			[]string{`istio-lab:lab.images.node: "kindest/node:v1.36.4" is Kubernetes 1.36.4, and Istio 1.17.8 supports 1.23 to 1.26 only`},
		},
		"a manifest of no name":     {lab(`{"manifests": {"metalb": "x"}}`), []string{`did you mean "metallb"?`}},
		"an empty manifest":         {lab(`{"manifests": {"metallb": ""}}`), []string{"give a path or an https URL"}},
		"an add-on of no name":      {lab(`{"addons": {"keali": false}}`), []string{`istio-lab:lab.addons.keali: no such add-on; did you mean "kiali"?`}},
		"an add-on that is a word":  {lab(`{"addons": {"kiali": "off"}}`), []string{`istio-lab:lab.addons.kiali: "off" is not true or false`}},
		"a limit of nothing":        {lab(`{"rateLimits": {"gold": 0}}`), []string{"istio-lab:lab.rateLimits.gold: 0 is not a number of requests"}},
		"a limit below nothing":     {lab(`{"rateLimits": {"gold": -3}}`), []string{"rateLimits.gold: -3 is not a number of requests"}},
		"half a request":            {lab(`{"rateLimits": {"gold": 2.5}}`), []string{"rateLimits.gold: 2.5 is not a whole number"}},
		"a limit that is a word":    {lab(`{"rateLimits": {"gold": "ten"}}`), []string{`rateLimits.gold: "ten" is not a whole number`}},
		"a tier of no name":         {lab(`{"rateLimits": {"glod": 10}}`), []string{`rateLimits.glod: no such tier; did you mean "gold"?`}},
		"a tier twice":              {lab(`{"rateLimits": {"gold": 5, "gold": 10}}`), []string{"istio-lab:lab.rateLimits.gold: is set twice"}},
		"a mirror that is no URL":   {lab(`{"mirrors": {"docker.io": "192.0.2.1:5000"}}`), []string{"is not a URL such as"}},
		"an engine that is no URL":  {lab(`{"dockerHost": "big1"}`), []string{`lab.dockerHost: "big1" is not the URL of a Docker engine`}},
		"an engine of no known way": {lab(`{"dockerHost": "http://big1"}`), []string{`lab.dockerHost: "http://big1" is not the URL`}},
		"another host's engine and ports on this one's loopback": {
			lab(`{"dockerHost": "ssh://ann@big1"}`),
			[]string{"lab.listenAddress: 127.0.0.1 is not where another host is reached; with lab.dockerHost ssh://ann@big1, give an address"},
		},
		"an engine beside clusters that are there": {
			lab(`{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}, "dockerHost": "unix:///run/docker.sock"}`),
			[]string{"lab.dockerHost: it is about nodes that the lab makes"},
		},
		"a cluster of the other scenario": {
			lab(`{"clusters": {"myk8s": {"context": "a"}}}`),
			[]string{"istio-lab:lab.clusters.myk8s: the scenario multicluster has no such cluster; there are west, east"},
		},
		"one cluster of two":        {lab(`{"clusters": {"west": {"context": "a"}}}`), []string{"istio-lab:lab.clusters.east: give its context too"}},
		"a cluster without context": {lab(`{"clusters": {"west": {}, "east": {"context": "b"}}}`), []string{"lab.clusters.west.context: name a context"}},
		"a server on loopback": {
			lab(`{"clusters": {"west": {"context": "a", "server": "https://127.0.0.1:6443"}, "east": {"context": "b"}}}`),
			[]string{`lab.clusters.west.server: "https://127.0.0.1:6443" is not an https URL by which a pod of another cluster`},
		},
		"nodes of the lab's own beside clusters that are there": {
			lab(`{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}, "mirrors": {"docker.io": "http://192.0.2.1"},
				"listenAddress": "0.0.0.0"}`),
			[]string{"istio-lab:lab.listenAddress: it is about nodes that the lab makes"},
		},
		"an add-on of the nodes on clusters that are there": {
			lab(`{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}, "addons": {"kube-ops-view": true}}`),
			[]string{"lab.addons.kube-ops-view: it looks at a cluster, and those of lab.clusters are not the lab's; it can have prometheus"},
		},
		"the stage wasm on a cluster that is there": {
			map[string]string{
				"istio-lab:scenario": "extension", "istio-lab:stage": "wasm", "istio-lab:lab": `{"clusters": {"myk8s": {"context": "a"}}}`,
			},
			[]string{"istio-lab:stage: wasm needs a container beside", "is lua"},
		},
		"a mirror of no host's name": {lab(`{"mirrors": {"https://docker.io": "http://192.0.2.1"}}`), []string{"is not a registry's host"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Parse(test.config)
			if err == nil {
				t.Fatal("it was accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got:\n%v\nwithout %q", err, want)
				}
			}
		})
	}
}

func TestAllProblemsComeAtOnce(t *testing.T) {
	_, err := settings.Parse(map[string]string{
		"istio-lab:scenaro": "x", "istio-lab:stage": "nope", "istio-lab:student": "1000", "istio-lab:release": "old",
		"istio-lab:lab": `{"listenAddress": "x", "images": {"nodee": "a:b"}, "mirrors": {"docker.io": "ftp://x"}}`,
	})
	if err == nil {
		t.Fatal("it was accepted")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 7 {
		t.Errorf("got %d problems instead of 7:\n%v", len(lines), err)
	}
}

func TestKeysOfOtherNamespacesAreNotOurs(t *testing.T) {
	parse(t, map[string]string{"docker:host": "x", "other:stag": "y"})
}

func TestAStageIncludesAllBeforeItAndNoneAfterIt(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		stages := settings.Stages(scenario)
		for i, stage := range stages {
			s := parse(t, map[string]string{"istio-lab:scenario": string(scenario), "istio-lab:stage": string(stage)})
			for j, other := range stages {
				if s.Reached(other) != (j <= i) {
					t.Errorf("%s: at %s, Reached(%s) = %t", scenario, stage, other, s.Reached(other))
				}
			}
		}
		if !slices.Contains(stages, settings.Last(scenario)) {
			t.Errorf("the last stage of %s is not one of its stages", scenario)
		}
	}
}

func TestEveryAddonOfTheScenarioIsOnUnlessSwitchedOff(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, addon := range settings.Addons(scenario) {
			config := map[string]string{"istio-lab:scenario": string(scenario)}
			if !parse(t, config).Addon(addon) {
				t.Errorf("%s: %s is off by default", scenario, addon)
			}
			config["istio-lab:lab"] = `{"addons": {"` + addon + `": false}}`
			if parse(t, config).Addon(addon) {
				t.Errorf("%s: %s is on though it is switched off", scenario, addon)
			}
		}
	}
	// One file may serve both scenarios.
	s := parse(t, map[string]string{"istio-lab:lab": `{"addons": {"metrics-server": false}}`})
	if s.Addon("metrics-server") || !parse(t, map[string]string{"istio-lab:scenario": "extension"}).Addon("metrics-server") {
		t.Error("metrics-server is not the extension scenario's alone")
	}
}

// Whatever the values, Parse returns settings or an error and does not panic, and what it accepts it accepts for a reason.
func FuzzParse(f *testing.F) {
	f.Add("multicluster", "mesh", "0", "book", "{}")
	f.Add("extension", "tap", "-1", "", `{"images":{"node":"a:b"},"kubelet":{"featureGates":{"A":1}}}`)
	f.Add("", "", "99", "current", `{"networks":"10.0.0.0/16","mirrors":{"a":null}}`)
	f.Fuzz(func(t *testing.T, scenario, stage, student, release, lab string) {
		s, err := settings.Parse(map[string]string{
			"istio-lab:scenario": scenario, "istio-lab:stage": stage, "istio-lab:student": student,
			"istio-lab:release": release, "istio-lab:lab": lab,
		})
		if err != nil {
			return
		}
		if s.Slot.Student < 0 || s.Slot.Student > allot.MaxStudent || !s.Reached(settings.Stages(s.Scenario)[0]) {
			t.Errorf("accepted %+v", s)
		}
	})
}

func TestALimitThatIsSetLeavesThoseOfTheOtherTiersAsTheManualHasThem(t *testing.T) {
	s := parse(t, map[string]string{"istio-lab:lab": `{"rateLimits": {"silver": 7}}`})
	want := map[loyalty.Tier]int{"no_loyalty": 1, "bronze": 3, "silver": 7, "gold": 10}
	if !maps.Equal(s.Lab.RateLimits, want) {
		t.Errorf("the limits are %v", s.Lab.RateLimits)
	}
	if again := parse(t, nil); again.Lab.RateLimits[loyalty.Silver] != 5 || len(loyalty.Tiers()) != len(want) {
		t.Errorf("by default the limits of %v are %v", loyalty.Tiers(), again.Lab.RateLimits)
	}
}

func TestClustersOfAPersonTakeThePlaceOfTheLabsOwn(t *testing.T) {
	s := parse(t, map[string]string{"istio-lab:student": "7", "istio-lab:lab": `{"clusters": {
		"west": {"context": "a", "kubeconfig": "~/a"}, "east": {"context": "b", "server": "https://b:6443"}}}`})
	if !s.OnExisting() || s.Existing(s.Slot.West).Kubeconfig != "~/a" || s.Existing(s.Slot.East).Server != "https://b:6443" {
		t.Errorf("%+v", s.Lab.Clusters)
	}
	if s.Addon("kube-ops-view") || !s.Addon("kiali") {
		t.Error("the add-ons are not those that look at a mesh")
	}
	one := parse(t, map[string]string{"istio-lab:scenario": "extension", "istio-lab:lab": `{"clusters": {"myk8s": {"context": "a"}}}`})
	if one.Stage != settings.Lua {
		t.Errorf("the last stage is %s", one.Stage)
	}
	if parse(t, nil).OnExisting() {
		t.Error("without lab.clusters there are some")
	}
}
