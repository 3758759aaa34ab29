package stacks_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"istio-lab/components/addons"
	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
)

// addonsOf returns the names of the add-ons among the resources.
func addonsOf(resources []mocktest.Resource) []string {
	var names []string
	for _, r := range resources {
		if r.Type == addons.AddonType {
			names = append(names, r.Name)
		}
	}
	return names
}

// servicePort is a port of a Service as it is registered; its NodePort is 0 where none is given.
type servicePort struct {
	service, serviceType string
	port, nodePort       int
}

// servicePorts returns the ports of all Services that are put into a cluster.
func servicePorts(resources []mocktest.Resource, cluster string) []servicePort {
	var ports []servicePort
	for _, r := range resources {
		if r.Type != "kubernetes:core/v1:Service" || r.ProviderName() != cluster {
			continue
		}
		spec := r.Inputs["spec"].ObjectValue()
		for _, p := range spec["ports"].ArrayValue() {
			port := servicePort{service: metadata(r, "name"), port: int(p.ObjectValue()["port"].NumberValue())}
			if serviceType := spec["type"]; serviceType.IsString() {
				port.serviceType = serviceType.StringValue()
			}
			if nodePort := p.ObjectValue()["nodePort"]; nodePort.IsNumber() {
				port.nodePort = int(nodePort.NumberValue())
			}
			ports = append(ports, port)
		}
	}
	return ports
}

// gatewayPort finds the NodePorts in an IstioOperator.
var gatewayPort = regexp.MustCompile(`(?m)^[ -]*(?:nodePort|healthCheckNodePort): (\d+)$`)

// gatewayPorts returns the NodePorts of all gateways that are installed in a cluster.
func gatewayPorts(resources []mocktest.Resource, cluster string) []int {
	var ports []int
	for _, r := range resources {
		if r.Type != "kubernetes:core/v1:ConfigMap" || r.ProviderName() != cluster {
			continue
		}
		for _, text := range r.Inputs["data"].ObjectValue() {
			for _, match := range gatewayPort.FindAllStringSubmatch(text.StringValue(), -1) {
				port, _ := strconv.Atoi(match[1])
				ports = append(ports, port)
			}
		}
	}
	return ports
}

// publishedPorts returns the NodePorts that each cluster's node publishes on the host.
func publishedPorts(resources []mocktest.Resource) map[string][]int {
	published := map[string][]int{}
	for _, r := range resources {
		if r.Type != "docker:index/container:Container" || !r.Inputs["ports"].IsArray() {
			continue
		}
		for _, p := range r.Inputs["ports"].ArrayValue() {
			if port := int(p.ObjectValue()["internal"].NumberValue()); port != 6443 {
				published[r.Name] = append(published[r.Name], port)
			}
		}
	}
	return published
}

// Kubernetes chooses a NodePort that is not given, and now and then one that is published for something else: in the manual's
// own listing the east-west gateway has Kiali's.
func TestEveryNodePortIsGivenAndServesOneThing(t *testing.T) {
	everywhere(t, func(t *testing.T, _ settings.Stage, resources []mocktest.Resource) {
		for cluster := range publishedPorts(resources) {
			used := map[int]string{}
			use := func(port int, user string) {
				if used[port] != "" {
					t.Errorf("%s: %s and %s both have the NodePort %d", cluster, used[port], user, port)
				}
				used[port] = user
			}
			for _, p := range servicePorts(resources, cluster) {
				switch {
				case p.serviceType == "LoadBalancer":
					t.Errorf("%s: %s takes an address from the pool", cluster, p.service)
				case p.serviceType == "NodePort" && p.nodePort == 0:
					t.Errorf("%s: the NodePort of %s:%d is left to Kubernetes", cluster, p.service, p.port)
				case p.serviceType != "NodePort" && p.nodePort != 0:
					t.Errorf("%s: %s:%d has the NodePort %d and is not open", cluster, p.service, p.port, p.nodePort)
				case p.nodePort != 0:
					use(p.nodePort, p.service)
				}
			}
			for _, port := range gatewayPorts(resources, cluster) {
				use(port, "a gateway")
			}
			if len(used) == 0 {
				t.Errorf("%s: there is no NodePort to look at", cluster)
			}
		}
	})
}

func TestThePublishedPortsLeadWhereTheManualSays(t *testing.T) {
	for scenario, want := range map[settings.Scenario]map[string]string{
		settings.Multicluster: {
			"west": "30000 a gateway, 30001 prometheus, 30002 grafana, 30003 kiali, 30004 tracing, 30005 kube-ops-view",
			"east": "31000 a gateway, 31001 prometheus, 31002 grafana, 31003 kiali, 31004 tracing, 31005 kube-ops-view",
		},
		settings.Extension: {
			"myk8s": "30000 a gateway, 30001 prometheus, 30002 grafana, 30003 kiali, 30004 tracing, 30005 a gateway, " +
				"30007 kube-ops-view",
		},
	} {
		for student, suffix := range map[string]string{"0": "", "7": "-07"} {
			resources := run(t, configure(map[string]string{
				"istio-lab:scenario": string(scenario), "istio-lab:student": student,
			}), false)
			published := publishedPorts(resources)
			if len(published) != len(want) {
				t.Errorf("%s: got the clusters %v", scenario, slices.Sorted(maps.Keys(published)))
			}
			for cluster, leads := range want {
				cluster += suffix
				var got []string
				for _, p := range servicePorts(resources, cluster) {
					if slices.Contains(published[cluster], p.nodePort) {
						got = append(got, fmt.Sprint(p.nodePort, " ", p.service))
					}
				}
				for _, port := range gatewayPorts(resources, cluster) {
					if slices.Contains(published[cluster], port) {
						got = append(got, fmt.Sprint(port, " a gateway"))
					}
				}
				slices.Sort(got)
				if strings.Join(got, ", ") != leads {
					t.Errorf("%s:\n%s\ninstead of\n%s", cluster, strings.Join(got, ", "), leads)
				}
			}
		}
	}
}

func TestAddonsComeWithTheStepsOfTheManual(t *testing.T) {
	for _, test := range []struct{ scenario, stage, want string }{
		{"multicluster", "clusters", "east-kube-ops-view west-kube-ops-view"},
		{"multicluster", "trust", "east-kube-ops-view west-kube-ops-view"},
		{
			"multicluster", "mesh",
			"east-grafana east-jaeger east-kiali east-kube-ops-view east-prometheus " +
				"west-grafana west-jaeger west-kiali west-kube-ops-view west-prometheus",
		},
		{"extension", "cluster", "myk8s-kube-ops-view myk8s-metrics-server"},
		{
			"extension", "mesh",
			"myk8s-grafana myk8s-jaeger myk8s-kiali myk8s-kube-ops-view myk8s-metrics-server myk8s-prometheus",
		},
	} {
		config := configure(map[string]string{"istio-lab:scenario": test.scenario, "istio-lab:stage": test.stage})
		got := addonsOf(run(t, config, false))
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s has %v", test.stage, got)
		}
	}
}

func TestAnAddonThatIsSwitchedOffIsNeitherReadNorMade(t *testing.T) {
	resources := run(t, map[string]string{
		"istio-lab:scenario": "extension",
		"istio-lab:lab": `{
			"manifests": {
				"metallb": "testdata/metallb.yaml", "prometheus": "testdata/prometheus.yaml", "grafana": "testdata/missing.yaml",
				"kiali": "testdata/missing.yaml", "jaeger": "testdata/missing.yaml"
			},
			"addons": {"grafana": false, "kiali": false, "jaeger": false, "kube-ops-view": false, "metrics-server": false}
		}`,
	}, false)
	if got := addonsOf(resources); !slices.Equal(got, []string{"myk8s-prometheus"}) {
		t.Errorf("got %v", got)
	}
}

// An API that nobody serves yet is an error to whoever lists the cluster's APIs meanwhile, Istio's installation among them.
func TestTheMetricsAPIIsAnnouncedOnceItIsServed(t *testing.T) {
	byURN := map[string]mocktest.Resource{}
	for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": "extension"}), false) {
		byURN[r.URN()] = r
	}
	under := "urn:pulumi:" + mocktest.Stack + "::istio-lab::" + addons.AddonType + "$kubernetes:"
	api := byURN[under+"apiregistration.k8s.io/v1:APIService::myk8s-v1beta1.metrics.k8s.io"]
	server := under + "apps/v1:Deployment::myk8s-metrics-server"
	if api.Name == "" || byURN[server].Name == "" {
		t.Fatal("there is no API or no server")
	}
	if !waits(byURN, api, server, map[string]bool{}) {
		t.Errorf("it waits for %v", api.RPC.GetDependencies())
	}
}

func TestNothingWaitsForAnAddon(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, r := range run(t, configure(map[string]string{"istio-lab:scenario": string(scenario)}), false) {
			for _, dependency := range r.RPC.GetDependencies() {
				if strings.Contains(dependency, "::"+addons.AddonType+"$") && !strings.Contains(r.Parent, "::"+addons.AddonType+"::") {
					t.Errorf("%s waits for %s", r.URN(), dependency)
				}
			}
		}
	}
}
