package kubernetes

import (
	"strconv"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// lab is the configuration that istio-lab gives a provider, with other values in place of some.
func lab(t *testing.T, other string) property.Map {
	t.Helper()
	config := tree(t, `{kubeconfig: "{}", clusterIdentifier: a, deleteUnreachable: true, enablePatchForce: "true",
		enableSecretMutable: true, upsertExistingObjects: true, kubeClientSettings: {qps: 50}, version: 4.32.0, __internal: {}}`)
	for key, v := range tree(t, other) {
		config[key] = v
	}
	return properties(config)
}

func TestConfigurationThatThePluginDoesNotKnowIsRefusedByName(t *testing.T) {
	for other, want := range map[string]string{
		`{}`:                               "",
		`{renderYamlToDirectory: /tmp}`:    "renderYamlToDirectory",
		`{upsertExistingObjects: "false"}`: "upsertExistingObjects",
		`{deleteUnreachable: false}`:       "deleteUnreachable",
		`{deleteUnreachable: null}`:        "",
		`{clusterIdentifier: ""}`:          "clusterIdentifier",
	} {
		response, err := checkConfig(t.Context(), p.CheckRequest{Inputs: lab(t, other)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, failure := range response.Failures {
			if !strings.Contains(failure.Reason, failure.Property) {
				t.Errorf("%q does not name %s", failure.Reason, failure.Property)
			}
			got = append(got, failure.Property)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: refused %v", other, got)
		}
	}
}

func TestAnotherClusterReplacesTheProvider(t *testing.T) {
	for other, want := range map[string]string{
		`{}`:                                "",
		`{clusterIdentifier: b}`:            "clusterIdentifier update&replace",
		`{kubeconfig: "{clusters: []}"}`:    "kubeconfig update",
		`{__pulumi-go-provider-version: 1}`: "",
	} {
		response, err := diffConfig(t.Context(), p.DiffRequest{State: lab(t, `{}`), Inputs: lab(t, other)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for key, change := range response.DetailedDiff {
			got += key + " " + string(change.Kind)
		}
		if got != want || response.HasChanges != (want != "") {
			t.Errorf("%s: %q", other, got)
		}
	}
}

const nowhere = `
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {token: x}}]
current-context: a
`

func TestAClusterThatDoesNotAnswerHasTakenItsObjectsWithIt(t *testing.T) {
	ctx := t.Context()
	k := New()
	if err := k.Configure(ctx, p.ConfigureRequest{Variables: map[string]string{
		"kubernetes:config:kubeconfig": nowhere, "kubernetes:config:deleteUnreachable": "true",
	}}); err != nil {
		t.Fatal(err)
	}
	urn := presource.NewURN("s", "p", "", "kubernetes:core/v1:ConfigMap", "a")
	inputs := properties(tree(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: c}}`))
	checked, err := k.Check(ctx, p.CheckRequest{Urn: urn, Inputs: inputs})
	if err != nil || checked.Inputs.Get("metadata").AsMap().Get("namespace").AsString() != "default" {
		t.Errorf("check: %v, %v", checked, err)
	}
	if preview, err := k.Create(ctx, p.CreateRequest{Urn: urn, Properties: checked.Inputs, DryRun: true}); err != nil || preview.ID != "" {
		t.Errorf("preview: %v, %v", preview, err)
	}
	if _, err := k.Create(ctx, p.CreateRequest{Urn: urn, Properties: checked.Inputs}); err == nil ||
		!strings.Contains(err.Error(), "configured Kubernetes cluster is unreachable") {
		t.Errorf("create: %v", err)
	}
	written := state(object(checked.Inputs), object(checked.Inputs), checked.Inputs, "me")
	read, err := k.Read(ctx, p.ReadRequest{ID: "default/a", Urn: urn, Properties: written, Inputs: checked.Inputs})
	if err != nil || read.ID != "" {
		t.Errorf("read: %v, %v", read, err)
	}
	if err := k.Delete(ctx, p.DeleteRequest{ID: "default/a", Urn: urn, Properties: written}); err != nil {
		t.Errorf("delete: %v", err)
	}
	release := presource.NewURN("s", "p", "", releaseType, "a")
	if err := k.Delete(ctx, p.DeleteRequest{ID: "default/a", Urn: release, Properties: written}); err == nil ||
		!strings.Contains(err.Error(), "can't delete Helm Release") {
		t.Errorf("delete of a release: %v", err)
	}
}

func TestAClusterThatMayComeBackKeepsItsObjectsUnlessAPersonSaysThatItIsGone(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(strconv.FormatBool(gone), func(t *testing.T) {
			t.Setenv("PULUMI_K8S_DELETE_UNREACHABLE", strconv.FormatBool(gone))
			ctx, k := t.Context(), New()
			if err := k.Configure(ctx, p.ConfigureRequest{Variables: map[string]string{"kubernetes:config:kubeconfig": nowhere}}); err != nil {
				t.Fatal(err)
			}
			urn := presource.NewURN("s", "p", "", "kubernetes:core/v1:ConfigMap", "a")
			inputs := properties(tree(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}`))
			written := state(object(inputs), object(inputs), inputs, "me")
			_, readErr := k.Read(ctx, p.ReadRequest{ID: "default/a", Urn: urn, Properties: written, Inputs: inputs})
			deleteErr := k.Delete(ctx, p.DeleteRequest{ID: "default/a", Urn: urn, Properties: written})
			for _, err := range []error{readErr, deleteErr} {
				if (err == nil) != gone {
					t.Errorf("%v", err)
				}
			}
		})
	}
}
