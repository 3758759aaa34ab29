package addons

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"

	"istio-lab/components/cluster"
	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
)

func standIn(t *testing.T, addon string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Read(t.Context(), release.Manifest{Location: "../../stacks/testdata/" + addon + ".yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// ports returns the NodePorts of a Service of an add-on by its ports, as they are put into a cluster, and the Service's type.
func ports(t *testing.T, addon, service string, nodePort int) (nodePorts map[int]any, serviceType string) {
	t.Helper()
	object := find(standIn(t, addon), "Service", service)
	if object == nil {
		t.Fatalf("%s has no Service %s", addon, service)
	}
	before := object.Clone()
	prepared := samples[addon].prepare(object, nodePort)
	if !reflect.DeepEqual(object, before) {
		t.Errorf("the manifest's own object was changed to %v", object)
	}
	nodePorts = map[int]any{}
	for _, port := range prepared.Object("spec").Objects("ports") {
		nodePorts[port.Int("port")] = port["nodePort"]
	}
	return nodePorts, prepared.String("spec", "type")
}

func TestTheServiceOfThePagesIsOpenAndItsOtherPortsArePinned(t *testing.T) {
	for _, test := range []struct {
		addon, service string
		want           map[int]any
	}{
		{release.Prometheus, "prometheus", map[int]any{9090: 31001}},
		{release.Grafana, "grafana", map[int]any{3000: 31001}}, // of type LoadBalancer in the stand-in
		{release.Kiali, "kiali", map[int]any{20001: 31001, 9090: 30930}},
		{release.Jaeger, "tracing", map[int]any{80: 31001, 16685: 30940}},
	} {
		got, serviceType := ports(t, test.addon, test.service, 31001)
		if serviceType != "NodePort" || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s is of type %s with %v", test.service, serviceType, got)
		}
	}
}

func TestAnyOtherServiceStaysWithinTheCluster(t *testing.T) {
	// The stand-in has it of type LoadBalancer, with a published NodePort.
	got, serviceType := ports(t, release.Jaeger, "zipkin", 30004)
	if serviceType != "" || !reflect.DeepEqual(got, map[int]any{9411: nil}) {
		t.Errorf("zipkin is of type %q with %v", serviceType, got)
	}
}

func TestAPortOfAContainerHasOneName(t *testing.T) {
	object := find(standIn(t, release.Grafana), "Deployment", "grafana")
	prepared := samples[release.Grafana].prepare(object, 30002)
	var names []string
	for _, port := range prepared.Object("spec", "template", "spec").Objects("containers")[0].Objects("ports") {
		names = append(names, port.String("name"))
	}
	if want := []string{"service", "gossip-tcp", "gossip-udp"}; !slices.Equal(names, want) {
		t.Errorf("got %v instead of %v", names, want)
	}
	withoutPorts := samples[release.Kiali].prepare(find(standIn(t, release.Kiali), "Deployment", "kiali"), 30003)
	if _, has := withoutPorts.Object("spec", "template", "spec").Objects("containers")[0]["ports"]; has {
		t.Error("a container without ports gets some")
	}
}

func TestTheNodePortsOfFurtherPortsAreApart(t *testing.T) {
	var firsts []int
	for _, s := range samples {
		firsts = append(firsts, s.further)
	}
	slices.Sort(firsts)
	for i, first := range firsts {
		if first < 30900 || first > 30990 || i > 0 && first-firsts[i-1] < 10 {
			t.Errorf("got %v", firsts)
		}
	}
}

func TestAManifestThatLacksSomethingIsRefusedWithAllOfIt(t *testing.T) {
	for _, addon := range Samples() {
		if err := CheckManifest(addon, standIn(t, addon)); err != nil {
			t.Errorf("%s: %v", addon, err)
		}
	}
	elsewhere := standIn(t, release.Jaeger)
	for _, object := range elsewhere {
		object.Object("metadata")["namespace"] = "default"
	}
	otherPort := standIn(t, release.Kiali)
	find(otherPort, "Service", "kiali").Object("spec").Objects("ports")[0]["port"] = float64(80)
	for name, test := range map[string]struct {
		addon   string
		objects []manifest.Object
		want    string
	}{
		"nothing": {release.Prometheus, nil, "samples/addons/prometheus.yaml: in istio-system it has no Deployment prometheus, " +
			"no Service prometheus with the port 9090"},
		"another add-on": {
			release.Grafana, standIn(t, release.Prometheus), "no Deployment grafana, no Service grafana with the port 3000",
		},
		"another namespace": {release.Jaeger, elsewhere, "in istio-system it has no Deployment jaeger, " +
			"no Service tracing with the port 80, no Service zipkin with the port 9411"},
		"another port": {release.Kiali, otherPort, "it has no Service kiali with the port 20001"},
	} {
		if err := CheckManifest(test.addon, test.objects); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestArgumentsAreRefusedWithAllThatIsWrong(t *testing.T) {
	west := cluster.Cluster{Name: "west", Provider: &kubernetes.Provider{}}
	for name, err := range map[string]error{
		"a sample": (&SampleArgs{
			Cluster: west, Addon: release.Kiali, Manifest: standIn(t, release.Kiali), NodePort: 30003,
		}).Validate(),
		"kube-ops-view":  (&KubeOpsViewArgs{Cluster: west, Image: "a:b", NodePort: 30005}).Validate(),
		"metrics-server": (&MetricsServerArgs{Cluster: west, Image: "a:b"}).Validate(),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	for want, err := range map[string]error{
		"cluster is required\nit is not Istio's":   (&SampleArgs{Addon: release.Kiali}).Validate(),
		`"loki" is not one of [grafana jaeger`:     (&SampleArgs{Cluster: west, Addon: "loki", NodePort: 30003}).Validate(),
		"cluster, image and NodePort are required": (&KubeOpsViewArgs{Cluster: west, Image: "a:b"}).Validate(),
		"cluster and image are required":           (&MetricsServerArgs{Cluster: west}).Validate(),
		"arguments are missing":                    (*SampleArgs)(nil).Validate(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, without %q", err, want)
		}
	}
}
