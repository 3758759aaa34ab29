package wasmplugin

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/mocktest"
)

var digest = strings.Repeat("0123456789abcdef", 4)

func arguments(workload *apps.Application) *PluginArgs {
	return &PluginArgs{
		Name: "httpbin-wasm", Workload: workload, Header: ItWorks,
		Server: ServerArgs{
			Container: allot.Container{Name: "wasm-server", Address: netip.MustParseAddr("10.118.0.99")},
			Module:    Module{Path: "bin/wasm/" + digest + ".wasm", SHA256: digest},
			Image:     "busybox:1",
			Network:   pulumi.String("istio-lab"),
		},
	}
}

// registered are the plugin's resources by their type.
func registered(t *testing.T, change func(*PluginArgs)) map[string]mocktest.Resource {
	t.Helper()
	resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
		provider, err := kubernetes.NewProvider(ctx, "myk8s", &kubernetes.ProviderArgs{})
		if err != nil {
			return err
		}
		httpbin, err := apps.NewApplication(ctx, "myk8s-httpbin", &apps.ApplicationArgs{
			App:     apps.App{Name: "httpbin", Image: "httpbin:1", Port: 80},
			Cluster: cluster.Cluster{Name: "myk8s", Provider: provider},
		})
		if err != nil {
			return err
		}
		args := arguments(httpbin)
		if change != nil {
			change(args)
		}
		_, err = NewPlugin(ctx, "myk8s-wasm", args)
		return err
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	byType := map[string]mocktest.Resource{}
	for _, r := range resources {
		byType[r.Type] = r
	}
	return byType
}

const (
	wasmPlugin = "kubernetes:extensions.istio.io/v1alpha1:WasmPlugin"
	aContainer = "docker:index/container:Container"
)

func TestTheProxiesOfTheWorkloadAreToldWhereTheFilterIsAndWhatItIsToBe(t *testing.T) {
	spec := registered(t, nil)[wasmPlugin].Inputs["spec"]
	want := resource.NewPropertyMapFromMap(map[string]any{
		"selector":     map[string]any{"matchLabels": map[string]any{"app": "httpbin"}},
		"url":          "http://10.118.0.99/" + digest + ".wasm",
		"sha256":       digest,
		"pluginConfig": map[string]any{"header": "x-istioinaction-wasm", "value": "it works!"},
		"match":        []any{map[string]any{"mode": "SERVER"}},
	})
	if !spec.DeepEquals(resource.NewProperty(want)) {
		t.Errorf("got %v", spec)
	}
}

func TestTheFilterIsServedWhereTheProxiesLookForIt(t *testing.T) {
	server := registered(t, nil)[aContainer].Inputs
	upload := server["uploads"].ArrayValue()[0].ObjectValue()
	if got := upload["file"].StringValue(); got != "/srv/"+digest+".wasm" {
		t.Errorf("it is put at %s", got)
	}
	if command := server["command"].ArrayValue(); command[len(command)-1].StringValue() != "/srv" {
		t.Errorf("the folder that is served: %v", command)
	}
	if network := server["networksAdvanced"].ArrayValue()[0].ObjectValue(); network["ipv4Address"].StringValue() != "10.118.0.99" {
		t.Errorf("it is served at %v", network)
	}
}

// The state is written at every step, and read by people.
func TestTheStateHasTheFiltersDigestAndNotItsContent(t *testing.T) {
	upload := registered(t, nil)[aContainer].Inputs["uploads"].ArrayValue()[0].ObjectValue()
	if upload["source"].StringValue() != "bin/wasm/"+digest+".wasm" || upload["sourceHash"].StringValue() != digest {
		t.Errorf("got %v", upload)
	}
	if upload.HasValue("content") || upload.HasValue("contentBase64") {
		t.Errorf("the content is in %v", upload)
	}
}

func TestProxiesAreToldOfTheFilterWhenItIsServedAndTheWorkloadIsThere(t *testing.T) {
	resources := registered(t, nil)
	waitsFor := resources[wasmPlugin].RPC.GetDependencies()
	for _, wanted := range []string{aContainer, "kubernetes:apps/v1:Deployment"} {
		if !slices.Contains(waitsFor, resources[wanted].URN()) {
			t.Errorf("the WasmPlugin waits for %v", waitsFor)
		}
	}
}

func TestAChangedFilterIsAnotherContainerAndAnotherAddress(t *testing.T) {
	other := strings.Repeat("f", 64)
	before, after := registered(t, nil), registered(t, func(a *PluginArgs) { a.Server.Module.SHA256 = other })
	if before[aContainer].Inputs["uploads"].DeepEquals(after[aContainer].Inputs["uploads"]) {
		t.Error("the container is the same")
	}
	spec := after[wasmPlugin].Inputs["spec"].ObjectValue()
	if !strings.Contains(spec["url"].StringValue(), other) || spec["sha256"].StringValue() != other {
		t.Errorf("got %v", spec)
	}
}

func TestArgumentsAreRefusedWithAllThatIsWrong(t *testing.T) {
	if err := arguments(&apps.Application{Deployment: &cluster.Object{}}).Validate(); err != nil {
		t.Errorf("good arguments are refused: %v", err)
	}
	bad := &PluginArgs{Header: Header{Name: "X Header", Value: "it works!\n"}}
	err := bad.Validate()
	for _, want := range []string{
		"name is required", "its workload is not there", `"X Header"`, `"it works!\n"`, "server's name, address, image and network", "compiled filter",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not have %q", err, want)
		}
	}
	var none *PluginArgs
	if none.Validate() == nil {
		t.Error("no arguments are accepted")
	}
}
