package stacks_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/golden"
	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

// standIns are the settings that have the program read manifests of the same shape in the place of the third parties' own.
const standIns = `"manifests": {
	"metallb": "testdata/metallb.yaml", "prometheus": "testdata/prometheus.yaml", "grafana": "testdata/grafana.yaml",
	"kiali": "testdata/kiali.yaml", "jaeger": "testdata/jaeger.yaml"
}`

// configure returns a stack's configuration, with the stand-ins.
func configure(extra map[string]string) map[string]string {
	config := map[string]string{"istio-lab:lab": "{" + standIns + "}"}
	maps.Copy(config, extra)
	return config
}

func run(t *testing.T, config map[string]string, preview bool) []mocktest.Resource {
	t.Helper()
	resources, err := mocktest.Run(func(ctx *pulumi.Context) error { return stacks.Run(ctx, config, ".", stacks.Listener{}) }, preview)
	if err != nil {
		t.Fatal(err)
	}
	if len(resources) == 0 {
		t.Fatal("nothing was registered")
	}
	return resources
}

// everywhere runs a check on every stage of every scenario, as an update and as a preview.
func everywhere(t *testing.T, check func(t *testing.T, stage settings.Stage, resources []mocktest.Resource)) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, stage := range settings.Stages(scenario) {
			for _, preview := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/preview=%t", scenario, stage, preview), func(t *testing.T) {
					check(t, stage, run(t, configure(map[string]string{
						"istio-lab:scenario": string(scenario), "istio-lab:stage": string(stage),
					}), preview))
				})
			}
		}
	}
}

// Names of children are API: another name replaces the object in every lab that runs.
func TestWhatIsRegisteredIsWhatTheGoldenFilesSay(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, preview := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/preview=%t", scenario, preview), func(t *testing.T) {
				var lines []string
				for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": string(scenario)}), preview) {
					if r.Type == "pulumi:pulumi:Stack" {
						continue
					}
					lines = append(lines, strings.TrimSpace(fmt.Sprintf("%-40s %-75s %s",
						r.ParentName()+" > "+r.Name, r.Type, r.ProviderName())))
				}
				slices.Sort(lines)
				got := strings.Join(lines, "\n") + "\n"
				golden.Check(t, filepath.Join("testdata", string(scenario)+".golden"), got)
			})
		}
	}
}

func TestEveryObjectInAClusterHasTheClustersProviderAndGoesWithIt(t *testing.T) {
	everywhere(t, func(t *testing.T, stage settings.Stage, resources []mocktest.Resource) {
		objects := 0
		for _, r := range resources {
			if !r.Kubernetes() {
				continue
			}
			objects++
			if r.ProviderName() == "" || !strings.HasPrefix(r.Name, r.ProviderName()+"-") {
				t.Errorf("%s %s has the provider %q", r.Type, r.Name, r.Provider)
			}
			if !strings.HasPrefix(r.Provider, r.DeletedWith+"::") || r.DeletedWith == "" {
				t.Errorf("%s %s goes with %q, its provider is %q", r.Type, r.Name, r.DeletedWith, r.Provider)
			}
		}
		if objects == 0 && stage != settings.Clusters {
			t.Error("there is no object to look at")
		}
	})
}

// Without one in the state, a destroy would look for the containers on whichever engine the environment names then.
func TestAnotherHostsEngineIsTheProviderOfAllThatIsMadeInDocker(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, far := range []string{"", "ssh://ann@big1"} {
			set := `"dockerHost": "` + far + `", "listenAddress": "192.0.2.11", `
			found := 0
			for _, r := range run(t, configure(map[string]string{
				"istio-lab:scenario": string(scenario), "istio-lab:lab": "{" + set + standIns + "}",
			}), false) {
				switch {
				case r.Type == "pulumi:providers:docker" && r.Inputs["host"].StringValue() != far:
					t.Errorf("the engine is %v, not %s", r.Inputs["host"], far)
				case strings.HasPrefix(r.Type, "docker:"):
					found++
					if (r.ProviderName() == "docker") != (far != "") {
						t.Errorf("%s: %s %s has the provider %q", far, r.Type, r.Name, r.Provider)
					}
				}
			}
			if found < 5 {
				t.Errorf("%s: %d resources of Docker", scenario, found)
			}
		}
	}
}

func TestOnlyComponentsAndTheNodeImageHangOnTheStack(t *testing.T) {
	everywhere(t, func(t *testing.T, _ settings.Stage, resources []mocktest.Resource) {
		for _, r := range resources {
			if r.Custom && r.ParentName() == "" && r.Name != "node" {
				t.Errorf("%s %s has no component", r.Type, r.Name)
			}
		}
	})
}

func TestComponentsHaveTypesOfThreeSegments(t *testing.T) {
	everywhere(t, func(t *testing.T, _ settings.Stage, resources []mocktest.Resource) {
		components := 0
		for _, r := range resources {
			if r.Custom || r.Type == "pulumi:pulumi:Stack" {
				continue
			}
			components++
			if segments := strings.Split(r.Type, ":"); len(segments) != 3 || segments[0] != "istio-lab" {
				t.Errorf("%s is of type %s", r.Name, r.Type)
			}
		}
		if components == 0 {
			t.Error("there is no component to look at")
		}
	})
}

// A step that changed what an earlier one made could not be previewed by itself, nor taken back.
func TestAStageAddsAndChangesNothing(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		var before map[string]mocktest.Resource
		for _, stage := range settings.Stages(scenario) {
			now := map[string]mocktest.Resource{}
			for _, r := range run(t, configure(map[string]string{
				"istio-lab:scenario": string(scenario), "istio-lab:stage": string(stage),
			}), false) {
				now[r.Type+" "+r.Name] = r
			}
			for key, old := range before {
				r, still := now[key]
				if !still {
					t.Errorf("%s takes away %s", stage, key)
				} else if !strings.HasPrefix(r.Type, "tls:") && !withoutRandom(old.Inputs).DeepEquals(withoutRandom(r.Inputs)) {
					t.Errorf("%s changes %s", stage, key)
				}
			}
			if len(now) <= len(before) {
				t.Errorf("%s adds nothing", stage)
			}
			before = now
		}
	}
}

// withoutRandom leaves out what holds keys and certificates, which differ from run to run.
func withoutRandom(in resource.PropertyMap) resource.PropertyMap {
	kept := resource.PropertyMap{}
	for key, value := range in {
		if !value.ContainsSecrets() && key != "uploads" {
			kept[key] = value
		}
	}
	return kept
}

func TestPrivateKeysAndKubeconfigsAreSecretWhereverTheyGo(t *testing.T) {
	everywhere(t, func(t *testing.T, _ settings.Stage, resources []mocktest.Resource) {
		var marks []string
		for _, r := range resources {
			walk(r.Inputs, func(path, text string, secret bool) {
				isKey := strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "client-key-data") ||
					strings.Contains(text, mocktest.ServiceAccountToken)
				if isKey && !secret {
					t.Errorf("%s %s: %s holds a key and is not secret", r.Type, r.Name, path)
				}
				if isKey {
					marks = append(marks, r.Type)
				}
			})
		}
		if len(marks) == 0 && !strings.Contains(t.Name(), "preview=true") {
			t.Error("there is no key to look at")
		}
	})
}

// walk visits every string in a map, and says whether it or something that it lies in is secret.
func walk(m resource.PropertyMap, visit func(path, text string, secret bool)) {
	var value func(path string, v resource.PropertyValue, secret bool)
	value = func(path string, v resource.PropertyValue, secret bool) {
		switch {
		case v.IsSecret():
			value(path, v.SecretValue().Element, true)
		case v.IsOutput():
			value(path, v.OutputValue().Element, secret || v.OutputValue().Secret)
		case v.IsString():
			visit(path, v.StringValue(), secret)
		case v.IsArray():
			for i, item := range v.ArrayValue() {
				value(fmt.Sprintf("%s[%d]", path, i), item, secret)
			}
		case v.IsObject():
			for key, item := range v.ObjectValue() {
				value(path+"."+string(key), item, secret)
			}
		}
	}
	value("", resource.NewProperty(m), false)
}

func TestIstiodStartsAfterItsCAIsPluggedIn(t *testing.T) {
	for _, preview := range []bool{false, true} {
		resources := run(t, configure(nil), preview)
		byURN := map[string]mocktest.Resource{}
		secrets := map[string]string{} // by cluster
		for _, r := range resources {
			byURN[r.URN()] = r
			if r.Type == "kubernetes:core/v1:Secret" && metadata(r, "name") == "cacerts" {
				secrets[r.ProviderName()] = r.URN()
			}
		}
		installed := 0
		for _, r := range resources {
			if r.Type != "kubernetes:batch/v1:Job" {
				continue
			}
			installed++
			if !waits(byURN, r, secrets[r.ProviderName()], map[string]bool{}) {
				t.Errorf("%s does not wait for cacerts, but for %v", r.Name, r.RPC.GetDependencies())
			}
		}
		if installed != 4 { // a control plane and an east-west gateway, twice
			t.Errorf("%d installations instead of 4", installed)
		}
	}
}

// A pod that is made before istiod injects gets no sidecar, and stays without.
func TestApplicationsStartAfterIstioIsInstalled(t *testing.T) {
	for _, preview := range []bool{false, true} {
		resources := run(t, configure(nil), preview)
		byURN := map[string]mocktest.Resource{}
		installed := map[string]string{} // by cluster
		for _, r := range resources {
			byURN[r.URN()] = r
			if r.Type == "kubernetes:batch/v1:Job" && strings.HasSuffix(r.Name, "-istio") {
				installed[r.ProviderName()] = r.URN()
			}
		}
		started := 0
		for _, r := range resources {
			if r.Type == "kubernetes:apps/v1:Deployment" && metadata(r, "namespace") == "istioinaction" {
				started++
				if !waits(byURN, r, installed[r.ProviderName()], map[string]bool{}) {
					t.Errorf("%s does not wait for %s, but for %v", r.Name, installed[r.ProviderName()], r.RPC.GetDependencies())
				}
			}
		}
		if started != 4 { // webapp, catalog and simple-backend twice
			t.Errorf("%d applications instead of 4", started)
		}
	}
}

func TestEveryObjectIsMadeAfterItsNamespace(t *testing.T) {
	everywhere(t, func(t *testing.T, stage settings.Stage, resources []mocktest.Resource) {
		byURN := map[string]mocktest.Resource{}
		namespaces := map[string]string{} // provider and name to URN
		for _, r := range resources {
			byURN[r.URN()] = r
			if r.Type == "kubernetes:core/v1:Namespace" {
				namespaces[r.ProviderName()+"/"+metadata(r, "name")] = r.URN()
			}
		}
		looked := 0
		for _, r := range resources {
			namespace := namespaces[r.ProviderName()+"/"+metadata(r, "namespace")]
			if !r.Kubernetes() || namespace == "" {
				continue
			}
			looked++
			if !waits(byURN, r, namespace, map[string]bool{}) {
				t.Errorf("%s %s does not wait for %s", r.Type, r.Name, namespace)
			}
		}
		if looked == 0 && stage != settings.Clusters {
			t.Error("there is no object to look at")
		}
	})
}

func metadata(r mocktest.Resource, key string) string {
	if m := r.Inputs["metadata"]; m.IsObject() {
		if v := m.ObjectValue()[resource.PropertyKey(key)]; v.IsString() {
			return v.StringValue()
		}
	}
	if v := r.Inputs[resource.PropertyKey(key)]; v.IsString() { // a Helm release
		return v.StringValue()
	}
	return ""
}

// waits says whether a resource waits for the one of a URN, by itself or through others.
func waits(byURN map[string]mocktest.Resource, r mocktest.Resource, urn string, seen map[string]bool) bool {
	for _, dependency := range r.RPC.GetDependencies() {
		if dependency == urn {
			return true
		}
		if !seen[dependency] {
			seen[dependency] = true
			if waits(byURN, byURN[dependency], urn, seen) {
				return true
			}
		}
	}
	return false
}

func TestTwoStudentsShareNothingThatDockerKnowsByName(t *testing.T) {
	named := func(student string) map[string]bool {
		names := map[string]bool{}
		for _, r := range run(t, configure(map[string]string{"istio-lab:student": student}), false) {
			if strings.HasPrefix(r.Type, "docker:index/container") || strings.HasPrefix(r.Type, "docker:index/network") {
				names[r.Inputs["name"].StringValue()] = true
			}
		}
		return names
	}
	zero, seven := named("0"), named("7")
	if len(zero) != 4 || len(seven) != 4 {
		t.Errorf("got %v and %v, want two nodes, a client and a network each", zero, seven)
	}
	for name := range zero {
		if seven[name] {
			t.Errorf("both have %s", name)
		}
	}
}

func TestNothingIsPublishedBeyondLoopbackUnlessAsked(t *testing.T) {
	for listen, want := range map[string]string{"": "127.0.0.1", "0.0.0.0": "0.0.0.0"} {
		lab := `{` + standIns + `, "listenAddress": "` + listen + `"}`
		ports := 0
		for _, r := range run(t, map[string]string{"istio-lab:lab": lab}, false) {
			if published, ok := r.Inputs["ports"]; ok && r.Type == "docker:index/container:Container" {
				for _, p := range published.ArrayValue() {
					ports++
					if ip := p.ObjectValue()["ip"].StringValue(); ip != want {
						t.Errorf("asked for %q: %s publishes at %s", listen, r.Name, ip)
					}
				}
			}
		}
		if ports != 14 { // six NodePorts and the API server, twice
			t.Errorf("%d ports are published", ports)
		}
	}
}

func TestWhatIsRefusedRegistersNothing(t *testing.T) {
	for name, test := range map[string]struct {
		config map[string]string
		want   []string
	}{
		"a configuration with two problems": {
			map[string]string{"istio-lab:stage": "mehs", "istio-lab:student": "x"}, []string{"mehs", `"x"`},
		},
		"a manifest that is not there": {
			map[string]string{"istio-lab:stage": "loadbalancer", "istio-lab:lab": `{"manifests": {"metallb": "testdata/missing.yaml"}}`},
			[]string{"lab.manifests.metallb", "testdata/missing.yaml"},
		},
		"a manifest of something else": {
			map[string]string{"istio-lab:stage": "loadbalancer", "istio-lab:lab": `{"manifests": {"metallb": "testdata/other.yaml"}}`},
			[]string{"testdata/other.yaml", "it has no Deployment controller", "it has no DaemonSet speaker"},
		},
		"manifests of add-ons, all at once": {
			map[string]string{"istio-lab:lab": `{"manifests": {
				"metallb": "testdata/metallb.yaml", "prometheus": "testdata/missing.yaml", "grafana": "testdata/other.yaml",
				"kiali": "testdata/grafana.yaml", "jaeger": "testdata/jaeger.yaml"
			}}`},
			[]string{
				"lab.manifests.prometheus: manifest testdata/missing.yaml: open",
				"lab.manifests.grafana: manifest testdata/other.yaml: it is not Istio's samples/addons/grafana.yaml",
				"lab.manifests.kiali: manifest testdata/grafana.yaml: it is not Istio's samples/addons/kiali.yaml",
				"no Deployment kiali", "no Service kiali with the port 20001",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
				return stacks.Run(ctx, configure(test.config), ".", stacks.Listener{})
			}, false)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, without %q", err, want)
				}
			}
			for _, r := range resources {
				if r.Type != "pulumi:pulumi:Stack" {
					t.Errorf("%s %s was registered", r.Type, r.Name)
				}
			}
		})
	}
}

func TestTheSameSettingsGiveTheSameGraph(t *testing.T) {
	first := run(t, configure(nil), true)
	for range 3 {
		again := run(t, configure(nil), true)
		if len(again) != len(first) {
			t.Fatalf("%d resources, then %d", len(first), len(again))
		}
		for i, r := range again {
			if r.Name != first[i].Name || r.Type != first[i].Type || !r.Inputs.DeepEquals(first[i].Inputs) {
				t.Errorf("%s %s was\n%v\nand is\n%v", r.Type, r.Name, first[i].Inputs, r.Inputs)
			}
		}
	}
}
