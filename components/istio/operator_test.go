package istio

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"istio-lab/internal/golden"
	"istio-lab/internal/release"
)

func book(t *testing.T, images map[string]string) release.Release {
	t.Helper()
	r, err := release.For("book", release.Overrides{Images: images})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// changedSite is west's with all that settings may change.
func changedSite(t *testing.T) Site {
	return Site{
		Mesh: "usmesh", Cluster: "west-cluster", Network: "west-network",
		Release: book(t, map[string]string{release.Pilot: "a.example/pilot:1", release.Proxy: "a.example/proxyv2:1"}),
		Values: map[string]any{
			"global": map[string]any{"logAsJson": true}, "telemetry": map[string]any{"enabled": false},
		},
	}
}

func TestTheOperatorsAreWhatTheGoldenFilesSay(t *testing.T) {
	for name, plane := range map[string]ControlPlane{
		"west": {
			Site:    Site{Mesh: "usmesh", Cluster: "west-cluster", Network: "west-network", Release: book(t, nil)},
			Ingress: &Ingress{Address: "10.118.0.101", HTTP: 30000, HTTPS: 30443},
		},
		"myk8s": {
			Egress: true, Site: Site{Release: book(t, nil)},
			Ingress: &Ingress{Address: "10.118.0.101", HTTP: 30000, HTTPS: 30005},
		},
		"existing": {
			Site: Site{
				Mesh: "usmesh", Cluster: "west-cluster", Network: "west-network", Locality: "westus.0", Release: book(t, nil),
			},
		},
		"changed": {
			Site:    changedSite(t),
			Ingress: &Ingress{Address: "10.118.0.101", HTTP: 30000, HTTPS: 30443},
			Env:     map[string]string{"PILOT_B": "2", "PILOT_A": "1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, filepath.Join("testdata", name+".yaml"), plane.Operator().YAML("istio-system"))
		})
	}
	for name, gateway := range map[string]EastWestGateway{
		"east-eastwest": {
			Site:    Site{Mesh: "usmesh", Cluster: "east-cluster", Network: "east-network", Release: book(t, nil)},
			Address: "10.118.0.202",
		},
		"existing-eastwest": {Site: Site{Mesh: "usmesh", Cluster: "east-cluster", Network: "east-network", Release: book(t, nil)}},
		"changed-eastwest":  {Site: changedSite(t), Address: "10.118.0.102"},
	} {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, filepath.Join("testdata", name+".yaml"), gateway.Operator().YAML("istio-system"))
		})
	}
}

func TestEveryNodePortOfTheIngressIsPinnedAndNoneTwice(t *testing.T) {
	operator := ControlPlane{Ingress: &Ingress{HTTP: 30000, HTTPS: 30443}}.Operator()
	service := operator.Spec.Components.IngressGateways[0].K8s.Service
	seen := map[int]bool{service.HealthCheckNodePort: true}
	for _, port := range service.Ports {
		if port.NodePort < 30000 || port.NodePort > 32767 || seen[port.NodePort] {
			t.Errorf("%s has the NodePort %d", port.Name, port.NodePort)
		}
		seen[port.NodePort] = true
	}
	if len(service.Ports) != 5 {
		t.Errorf("%d ports: the list replaces the profile's five", len(service.Ports))
	}
}

func TestMergeGoesThroughAllLevelsAndChangesNeither(t *testing.T) {
	base := map[string]any{"a": map[string]any{"b": 1, "c": map[string]any{"d": 2}}, "e": 3}
	over := map[string]any{"a": map[string]any{"c": map[string]any{"f": 4}, "b": 5}, "g": map[string]any{"h": 6}}
	got := Merge(base, over)
	want := map[string]any{
		"a": map[string]any{"b": 5, "c": map[string]any{"d": 2, "f": 4}}, "e": 3, "g": map[string]any{"h": 6},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if !reflect.DeepEqual(base, map[string]any{"a": map[string]any{"b": 1, "c": map[string]any{"d": 2}}, "e": 3}) {
		t.Errorf("base became %v", base)
	}
}

func TestTheUninstallChartIsWhereTheProgramLooksForIt(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("../..", uninstallChart, "templates", "uninstall.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"helm.sh/hook: pre-delete", "uninstall, --purge"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the chart has no %q", want)
		}
	}
}
