package metallb

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"

	"istio-lab/components/cluster"
	"istio-lab/internal/allot"
	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
)

func standIn(t *testing.T) []manifest.Object {
	t.Helper()
	objects, err := manifest.Read(t.Context(), release.Manifest{Location: "../../stacks/testdata/metallb.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func prepared(t *testing.T, kind string, images map[string]string) manifest.Object {
	t.Helper()
	for _, object := range standIn(t) {
		if object.String("kind") == kind {
			return prepare(object, images)
		}
	}
	t.Fatalf("the stand-in has no %s", kind)
	return nil
}

func TestAPoolIsNotRefusedWhileTheWebhookDoesNotServeYet(t *testing.T) {
	for _, webhook := range prepared(t, "ValidatingWebhookConfiguration", nil).Objects("webhooks") {
		if webhook.String("failurePolicy") != "Ignore" {
			t.Errorf("%s has %s", webhook.String("name"), webhook.String("failurePolicy"))
		}
	}
}

func TestThePlaceholderThatTheControllerOverwritesIsLeftOut(t *testing.T) {
	client := prepared(t, "CustomResourceDefinition", nil).Object("spec", "conversion", "webhook", "clientConfig")
	if client == nil {
		t.Fatal("the first definition of the stand-in has no conversion webhook")
	}
	if _, has := client["caBundle"]; has {
		t.Errorf("got %v", client)
	}
}

func TestRulesThatAnOlderKubernetesDropsAreLeftOut(t *testing.T) {
	definition := manifest.Object{"kind": "CustomResourceDefinition", "spec": map[string]any{"versions": []any{map[string]any{
		"schema": map[string]any{"properties": map[string]any{"node": map[string]any{
			"type": "string", "x-kubernetes-validations": []any{map[string]any{"rule": "self == oldSelf"}},
		}}},
	}}}}
	got := fmt.Sprint(prepare(definition, nil))
	if strings.Contains(got, "x-kubernetes-validations") || !strings.Contains(got, "type:string") {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(fmt.Sprint(definition), "x-kubernetes-validations") {
		t.Error("the manifest itself was changed")
	}
}

func TestImagesAreTheManifestsOwnUnlessOverridden(t *testing.T) {
	image := func(images map[string]string) string {
		spec := prepared(t, "Deployment", images).Object("spec", "template", "spec")
		return spec.Objects("containers")[0].String("image")
	}
	if got := image(nil); got != "quay.io/metallb/controller:v0.14.9" {
		t.Errorf("got %s", got)
	}
	if got := image(map[string]string{"controller": "mirror.example/c:1"}); got != "mirror.example/c:1" {
		t.Errorf("got %s", got)
	}
}

func TestArgumentsAreRefusedWithAllThatIsWrong(t *testing.T) {
	slot, err := allot.For(0, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	good := LoadBalancerArgs{
		Cluster:  cluster.Cluster{Name: "west", Provider: &kubernetes.Provider{}},
		Manifest: standIn(t), Pool: slot.West.Pool,
	}
	if err := good.Validate(); err != nil {
		t.Errorf("good arguments are refused: %v", err)
	}
	bad := LoadBalancerArgs{
		Manifest: []manifest.Object{{"kind": "Pod"}}, Pool: allot.Range{First: slot.West.Pool.Last, Last: slot.West.Pool.First},
	}
	err = bad.Validate()
	if err == nil {
		t.Fatal("bad arguments are accepted")
	}
	for _, want := range []string{"cluster is required", "is not a range of addresses", "it has no DaemonSet speaker"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got:\n%v\nwithout %q", err, want)
		}
	}
}
