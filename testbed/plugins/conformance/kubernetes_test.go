//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// kubeconfigFile is the variable that names the kubeconfig of the cluster to try on.
const kubeconfigFile = "CONFORMANCE_KUBECONFIG"

// namespace is where the cases put their objects.
const namespace = "conformance"

// kube is the cluster, from outside the plugins.
type kube struct{ dynamic.Interface }

func TestKubernetes(t *testing.T) {
	t.Parallel()
	file := os.Getenv(kubeconfigFile)
	if file == "" {
		t.Fatalf("%s names no kubeconfig: there is no cluster to try on", kubeconfigFile)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	k := kube{client}
	k.makeNamespace(t)
	chart, err := filepath.Abs("testdata/chart")
	if err != nil {
		t.Fatal(err)
	}
	Suite{
		Plugin: "kubernetes",
		Config: kubernetesConfig(string(text)),
		Rules:  kubernetesRules,
		Cases: concat(
			k.configurations(), k.accounts(), k.extensions(), k.networks(), k.workloads(), k.jobs(), k.missing(), k.releases(chart),
		),
	}.Run(t)
}

// kubernetesConfig is a provider as the lab has it.
func kubernetesConfig(kubeconfig string) Map {
	return Map{
		"kubeconfig": resource.MakeSecret(resource.NewProperty(kubeconfig)), "clusterIdentifier": "1",
		"deleteUnreachable": true, "enablePatchForce": true, "enableSecretMutable": true, "upsertExistingObjects": true,
		"kubeClientSettings": map[string]any{"qps": 50, "burst": 100},
	}
}

func concat(all ...[]Case) (cases []Case) {
	for _, some := range all {
		cases = append(cases, some...)
	}
	return cases
}

var (
	digits = regexp.MustCompile(`-[0-9a-f]{8}\b`)
	added  = regexp.MustCompile(`^(password|echo)[0-9a-z]{5}$`)
	pods   = regexp.MustCompile(`-[0-9a-z]{8,10}\b|-[0-9a-z]{5}\b`)
	images = regexp.MustCompile(`(?s)\[(ErrImagePull|ImagePullBackOff)\].*`)
	times  = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z?`)
)

// chosen tells a name that a plugin has chosen, wherever it stands in a text.
func chosen(value string) string { return digits.ReplaceAllString(value, "-********") }

// free tells a name to which letters were added that make it another one.
func free(value string) string { return added.ReplaceAllString(value, "$1*****") }

// said tells the message of an error, without the names of pods.
func said(value string) string {
	value = times.ReplaceAllString(pods.ReplaceAllString(chosen(value), "-*****"), "(time)")
	return images.ReplaceAllString(value, "[(no image)]")
}

var kubernetesRules = []Rule{
	{At: "*metadata.uid", As: Something, Numbered: true},
	{At: "*metadata.resourceVersion", As: Something},
	{At: "*metadata.managedFields*", As: Something},
	{At: "*creationTimestamp", As: Something},
	{At: "*Time", As: Something},
	{At: "*controller-uid*", As: Something},
	{At: "outputs.__fieldManager", As: chosen, Numbered: true},
	{At: "*name", As: chosen},
	{At: "*resourceNames*", As: chosen},
	{At: `*job-name"]`, As: chosen}, // Kubernetes 1.27 and later: batch.kubernetes.io/job-name
	{At: "id", As: chosen},
	{At: "reasons*", As: said},
	{At: "error", As: said},
	{At: "*message", As: said},
	{At: "*caBundle", As: Something},
	{At: "*clusterIP*", As: Something},
	{At: "*nodePort", As: Something},
	{At: "outputs.data.*", As: Something},
}

// in is the metadata of an object in the cases' namespace.
func in(name string, more ...Map) Map {
	metadata := Map{"namespace": namespace}
	if name != "" {
		metadata["name"] = name
	}
	for _, m := range more {
		for key, value := range m {
			metadata[key] = value
		}
	}
	return metadata
}

// thing is an object's inputs.
func thing(apiVersion, kind string, metadata, fields Map) Map {
	inputs := Map{"apiVersion": apiVersion, "kind": kind, "metadata": plainMap(metadata)}
	for key, value := range fields {
		inputs[key] = value
	}
	return inputs
}

// plainMap gives the maps within a map the type that properties are made from.
func plainMap(m Map) map[string]any {
	plain := map[string]any{}
	for key, value := range m {
		if below, ok := value.(Map); ok {
			value = plainMap(below)
		}
		plain[key] = value
	}
	return plain
}

// tree reads a value as JSON.
func tree(text string) any {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(err) // the text stands in this file
	}
	return value
}

var (
	configMaps  = corev1.SchemeGroupVersion.WithResource("configmaps")
	secrets     = corev1.SchemeGroupVersion.WithResource("secrets")
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

func (k kube) makeNamespace(t *testing.T) {
	t.Helper()
	namespaces := k.Resource(corev1.SchemeGroupVersion.WithResource("namespaces"))
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace},
	}}
	if _, err := namespaces.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatalf("namespace of the cases: %v", err)
	}
	t.Cleanup(func() {
		_ = namespaces.Delete(context.Background(), namespace, metav1.DeleteOptions{})
		gone(namespaces, namespace)
	})
}

// gone waits until an object is gone, a minute at most.
func gone(from dynamic.ResourceInterface, name string) {
	for range 60 {
		if _, err := from.Get(context.Background(), name, metav1.GetOptions{}); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// patched has others change an object.
func (k kube) patched(of schema.GroupVersionResource, patch string) func(*testing.T, State) {
	return func(t *testing.T, now State) {
		name := now.Outputs["metadata"].ObjectValue()["name"].StringValue()
		_, err := k.Resource(of).Namespace(namespace).Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second) // until the controllers have followed
	}
}

// deleted has others delete an object.
func (k kube) deleted(of schema.GroupVersionResource) func(*testing.T, State) {
	return func(t *testing.T, now State) {
		_, name, _ := strings.Cut(string(now.ID), "/")
		if err := k.Resource(of).Namespace(namespace).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func (k kube) configurations() []Case {
	config := func(name, data string, more ...Map) Map {
		return thing("v1", "ConfigMap", in(name, more...), Map{"data": map[string]any{"key": data}})
	}
	secret := func(typ string, fields Map) Map {
		fields["type"] = typ
		return thing("v1", "Secret", in("password"), fields)
	}
	hidden := func(text string) any { return resource.MakeSecret(resource.NewProperty(text)) }
	token := func(path string) Map {
		return thing("v1", "Secret", in("token", Map{"annotations": map[string]any{
			"kubernetes.io/service-account.name": "default", "pulumi.com/waitFor": path, "pulumi.com/timeoutSeconds": "3",
		}}), Map{"type": "kubernetes.io/service-account-token"})
	}
	return []Case{
		{Name: "a ConfigMap whose name is chosen", Type: "kubernetes:core/v1:ConfigMap", Steps: []Step{
			{Name: "is made", Inputs: config("", "1"), Does: Creates},
			{Name: "stays as it is", Inputs: config("", "1"), Does: Nothing},
			{Name: "gets a label", Inputs: config("", "1", Map{"labels": map[string]any{"a.b/c": "d"}}), Does: Updates},
			{Name: "loses the label", Inputs: config("", "1"), Does: Updates},
			{Name: "gets other data", Inputs: config("", "2"), Does: Replaces},
			{Name: "gets data that is not known yet", Inputs: config("", "3"), Unknown: []string{"data.key"}, Does: Replaces},
			{Name: "was changed by others", Before: k.patched(configMaps, `{"data":{"key":"x"}}`), Refresh: true,
				Inputs: config("", "3"), Does: Replaces},
			{Name: "has something added by others", Before: k.patched(configMaps, `{"data":{"other":"x"}}`), Refresh: true,
				Inputs: config("", "3"), Does: Nothing},
			{Name: "was deleted by others", Before: k.deleted(configMaps), Refresh: true, Inputs: config("", "3"), Does: Creates},
			{Name: "gets a name", Inputs: config("named", "3"), Does: Replaces},
		}},
		{Name: "a ConfigMap with a name", Type: "kubernetes:core/v1:ConfigMap", Steps: []Step{
			{Name: "is made", Inputs: config("fixed", "1"), Does: Creates},
			{Name: "gets other data", Inputs: config("fixed", "2"), Does: Replaces},
			{Name: "gets another name", Inputs: config("other", "2"), Does: Replaces},
			{Name: "goes to another namespace", Inputs: thing("v1", "ConfigMap", Map{"name": "other", "namespace": "default"},
				Map{"data": map[string]any{"key": "2"}}), Does: Replaces},
		}},
		{Name: "a ConfigMap without a namespace", Type: "kubernetes:core/v1:ConfigMap", Steps: []Step{
			{Name: "is made", Inputs: thing("v1", "ConfigMap", Map{"name": "nowhere"}, Map{"data": map[string]any{"a": "b"}}), Does: Creates},
		}},
		{Name: "a ConfigMap that is there already", Type: "kubernetes:core/v1:ConfigMap",
			Setup: func(t *testing.T) {
				object := &unstructured.Unstructured{Object: plainMap(config("there", "x"))}
				_, err := k.Resource(configMaps).Namespace(namespace).Create(t.Context(), object, metav1.CreateOptions{})
				if err != nil {
					t.Fatal(err)
				}
			},
			Steps: []Step{{Name: "is taken over", Inputs: config("there", "1"), Does: Creates}}},
		// The preview of a replacement takes a name that is free.
		{Name: "a Secret", Type: "kubernetes:core/v1:Secret", Rules: []Rule{{At: "*name", As: free}}, Steps: []Step{
			{Name: "is made", Inputs: secret("Opaque", Map{"stringData": map[string]any{"a": hidden("1")}}), Does: Creates},
			{Name: "stays as it is", Inputs: secret("Opaque", Map{"stringData": map[string]any{"a": hidden("1")}}), Does: Nothing},
			{Name: "gets other content", Inputs: secret("Opaque", Map{"stringData": map[string]any{"a": hidden("2"), "b": "3"}}), Does: Updates},
			{Name: "has its content given encoded", Inputs: secret("Opaque", Map{"data": map[string]any{"a": "Mg==", "b": "Mw=="}}), Does: Nothing},
			{Name: "gets content that is not known yet", Unknown: []string{"stringData.a"},
				Inputs: secret("Opaque", Map{"stringData": map[string]any{"a": hidden("4")}}), Does: Updates},
			{Name: "gets another type", Inputs: secret("example.org/mine", Map{"stringData": map[string]any{"a": hidden("4")}}), Does: Replaces},
		}},
		{Name: "a token", Type: "kubernetes:core/v1:Secret", Steps: []Step{
			{Name: "is filled in", Inputs: token("jsonpath={.data.token}"), Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: token("jsonpath={.data.token}"), Does: Nothing},
		}},
		{Name: "a token that is never filled in", Type: "kubernetes:core/v1:Secret", Steps: []Step{
			{Name: "is made", Inputs: token("jsonpath={.data.nothing}"), Does: Fails},
			{Name: "is waited for again", Inputs: token("jsonpath={.data.nothing}"), Does: Fails},
			{Name: "is waited for otherwise", Inputs: token("jsonpath={.data.token}"), Does: Updates},
		}},
	}
}

func (k kube) accounts() []Case {
	rules := func(verb string) Map {
		return Map{"rules": []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": []any{"get", verb}}}}
	}
	binding := func(role, account string) Map {
		return Map{
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": account, "namespace": namespace}},
		}
	}
	const rbac = "rbac.authorization.k8s.io/v1"
	return []Case{
		{Name: "an account", Type: "kubernetes:core/v1:ServiceAccount", Steps: []Step{
			{Name: "is made", Inputs: thing("v1", "ServiceAccount", in(""), nil), Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: thing("v1", "ServiceAccount", in(""), nil), Does: Nothing},
		}},
		{Name: "a ClusterRole", Type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", Steps: []Step{
			{Name: "is made", Inputs: thing(rbac, "ClusterRole", Map{}, rules("list")), Does: Creates},
			{Name: "gets another rule", Inputs: thing(rbac, "ClusterRole", Map{}, rules("watch")), Does: Updates},
		}},
		{Name: "a ClusterRoleBinding", Type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", Steps: []Step{
			{Name: "is made", Inputs: thing(rbac, "ClusterRoleBinding", Map{}, binding("view", "a")), Does: Creates},
			{Name: "gets another account", Inputs: thing(rbac, "ClusterRoleBinding", Map{}, binding("view", "b")), Does: Updates},
			{Name: "gets another role", Inputs: thing(rbac, "ClusterRoleBinding", Map{}, binding("edit", "b")), Does: Replaces},
		}},
		{Name: "a RoleBinding with a name", Type: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
			Steps: []Step{
				{Name: "is made", Inputs: thing(rbac, "RoleBinding", in("bound"), binding("view", "a")), Does: Creates},
				// The preview of the new one meets the old one.
				{Name: "gets another role", Inputs: thing(rbac, "RoleBinding", in("bound"), binding("edit", "a")), Does: Refused},
			}},
		{Name: "a Namespace", Type: "kubernetes:core/v1:Namespace", Steps: []Step{
			{Name: "is made", Inputs: thing("v1", "Namespace", Map{"name": "conformance-other"}, nil), Does: Creates},
			{Name: "gets a label", Inputs: thing("v1", "Namespace", Map{"name": "conformance-other",
				"labels": Map{"istio-injection": "enabled"}}, nil), Does: Updates},
		}},
	}
}

// widgets are a kind of the cases' own.
func widgets(plural, description string) Map {
	return thing("apiextensions.k8s.io/v1", "CustomResourceDefinition", Map{"name": plural + ".conformance.example.org"}, Map{
		"spec": map[string]any{
			"group": "conformance.example.org", "scope": "Namespaced", "preserveUnknownFields": false,
			"names": map[string]any{"kind": strings.ToUpper(plural[:1]) + plural[1:len(plural)-1], "plural": plural,
				"singular": plural[:len(plural)-1], "listKind": strings.ToUpper(plural[:1]) + plural[1:len(plural)-1] + "List"},
			"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{
				"openAPIV3Schema": map[string]any{"type": "object", "description": description,
					"properties": map[string]any{"spec": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}},
			}}},
		},
		"status": map[string]any{"conditions": []any{}, "storedVersions": []any{}},
	})
}

func (k kube) extensions() []Case {
	widget := func(size any) Map {
		return thing("conformance.example.org/v1", "Widget", in("mine"), Map{"spec": map[string]any{"size": size, "parts": []any{"a", "b"}}})
	}
	hook := func(policy string) Map {
		return thing("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Map{"name": "conformance"}, Map{
			"webhooks": tree(`[{"name": "a.conformance.example.org", "admissionReviewVersions": ["v1"], "sideEffects": "None",
				"failurePolicy": "` + policy + `", "clientConfig": {"service": {"name": "none", "namespace": "none", "path": "/"}},
				"rules": [{"apiGroups": ["none.example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothings"]}]}]`),
		})
	}
	service := func(priority int) Map {
		return thing("apiregistration.k8s.io/v1", "APIService", Map{"name": "v1.none.conformance.example.org"}, Map{
			"spec": map[string]any{"group": "none.conformance.example.org", "version": "v1", "groupPriorityMinimum": 100,
				"versionPriority": priority, "insecureSkipTLSVerify": true,
				"service": map[string]any{"name": "none", "namespace": namespace}},
		})
	}
	return []Case{
		{Name: "a CustomResourceDefinition", Type: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", Steps: []Step{
			{Name: "is made", Inputs: widgets("gadgets", "1"), Does: Creates},
			{Name: "stays as it is", Inputs: widgets("gadgets", "1"), Does: Nothing},
			{Name: "is changed", Inputs: widgets("gadgets", "2"), Does: Updates},
		}},
		{Name: "a custom resource", Type: "kubernetes:conformance.example.org/v1:Widget", Setup: k.makeWidgets, Steps: []Step{
			{Name: "is made", Inputs: widget(1), Does: Creates},
			{Name: "is changed", Inputs: widget(2), Does: Updates},
			{Name: "gets something not known yet", Inputs: widget("large"), Unknown: []string{"spec.size"}, Does: Updates},
			{Name: "is changed in kind", Inputs: widget([]any{"x"}), Does: Updates},
		}},
		{Name: "a webhook", Type: "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration", Steps: []Step{
			{Name: "is made", Inputs: hook("Ignore"), Does: Creates},
			{Name: "is changed", Inputs: hook("Fail"), Does: Updates},
		}},
		{Name: "an APIService", Type: "kubernetes:apiregistration.k8s.io/v1:APIService", Steps: []Step{
			{Name: "is made", Inputs: service(100), Does: Creates},
			{Name: "is changed", Inputs: service(101), Does: Updates},
		}},
	}
}

// makeWidgets defines the kind of the custom resource.
func (k kube) makeWidgets(t *testing.T) {
	definitions := k.Resource(schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	})
	// A copy by way of JSON has the types that the dynamic client takes.
	text, err := json.Marshal(widgets("widgets", "for the cases"))
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	if _, err := definitions.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = definitions.Delete(context.Background(), object.GetName(), metav1.DeleteOptions{})
		gone(definitions, object.GetName())
	})
	time.Sleep(3 * time.Second) // until it is established
}

func (k kube) networks() []Case {
	service := func(port int, more Map) Map {
		spec := map[string]any{"selector": map[string]any{"app": "none"}, "ports": []any{map[string]any{
			"name": "http", "port": port, "targetPort": 8080, "protocol": "TCP",
		}}}
		for key, value := range more {
			spec[key] = value
		}
		return thing("v1", "Service", in("served", Map{"annotations": map[string]any{"pulumi.com/skipAwait": "true"}}), Map{"spec": spec})
	}
	return []Case{
		{Name: "a Service", Type: "kubernetes:core/v1:Service", Steps: []Step{
			{Name: "is made", Inputs: service(80, nil), Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: service(80, nil), Does: Nothing},
			{Name: "gets another port", Inputs: service(81, nil), Does: Updates},
			{Name: "gets a port of the node", Inputs: service(81, Map{"type": "NodePort"}), Does: Updates},
			{Name: "gets no address", Inputs: service(81, Map{"clusterIP": "None"}), Does: Refused},
		}},
	}
}

// deployment runs pods of an app.
func deployment(kind, app, image, text string, annotations Map, fields Map) Map {
	spec := map[string]any{
		"selector": map[string]any{"matchLabels": map[string]any{"app": app}},
		"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"app": app}},
			"spec": map[string]any{"terminationGracePeriodSeconds": 0, "containers": []any{map[string]any{
				"name": "echo", "image": image, "args": []any{"-text=" + text, "-listen=:5678"},
				"ports":     []any{map[string]any{"containerPort": 5678}},
				"resources": map[string]any{"requests": map[string]any{"cpu": "10m"}, "limits": map[string]any{"cpu": "1000m"}},
			}}},
		},
	}
	for key, value := range fields {
		spec[key] = value
	}
	return thing("apps/v1", kind, in("echo", Map{"annotations": annotations}), Map{"spec": spec})
}

func (k kube) workloads() []Case {
	const image, missing = "docker.io/hashicorp/http-echo:1.0", "docker.io/hashicorp/http-echo:none"
	soon := Map{"pulumi.com/timeoutSeconds": "8"}
	one := Map{"replicas": 1}
	const deploymentType = tokens.Type("kubernetes:apps/v1:Deployment")
	return []Case{
		{Name: "a Deployment", Type: deploymentType, Rules: []Rule{{At: "*name", As: free}}, Steps: []Step{
			{Name: "is made", Inputs: deployment("Deployment", "echo", image, "1", nil, one), Does: Creates, After: k.pods},
			{Name: "stays as it is", Refresh: true, Inputs: deployment("Deployment", "echo", image, "1", nil, one), Does: Nothing},
			{Name: "is rolled out", Inputs: deployment("Deployment", "echo", image, "2", nil, one), Does: Updates, After: k.pods},
			{Name: "gets another pod", Inputs: deployment("Deployment", "echo", image, "2", nil, Map{"replicas": 2}), Does: Updates,
				After: k.pods},
			{Name: "was scaled by others", Before: k.patched(deployments, `{"spec":{"replicas":0}}`), Refresh: true,
				Inputs: deployment("Deployment", "echo", image, "2", nil, Map{"replicas": 2}), Does: Updates, After: k.pods},
			{Name: "gets other labels", Inputs: deployment("Deployment", "other", image, "2", nil, one), Does: Replaces},
			{Name: "was deleted by others", Before: k.deleted(deployments), Refresh: true,
				Inputs: deployment("Deployment", "other", image, "2", nil, one), Does: Creates},
		}},
		{Name: "a Deployment that is not ready", Type: deploymentType, Steps: []Step{
			{Name: "is made", Inputs: deployment("Deployment", "echo", missing, "1", soon, one), Does: Fails},
			{Name: "is looked at", Refresh: true, Inputs: deployment("Deployment", "echo", missing, "1", soon, one), Does: Fails},
			{Name: "is mended", Inputs: deployment("Deployment", "echo", image, "1", nil, one), Does: Updates},
			// It fails, and the official plugin does not always see it.
			{Name: "is broken", Inputs: deployment("Deployment", "echo", missing, "1", soon, one)},
		}},
		{Name: "a Deployment that is no good", Type: deploymentType, Steps: []Step{
			{Name: "is refused", Inputs: deployment("Deployment", "echo", image, "1", nil, Map{"replicas": -1}), Does: Refused},
			{Name: "is made", Inputs: deployment("Deployment", "echo", image, "1", nil, one), Does: Creates},
			{Name: "gets what is refused", Inputs: deployment("Deployment", "echo", image, "1", nil, Map{"replicas": -1}), Does: Refused},
		}},
		{Name: "a DaemonSet", Type: "kubernetes:apps/v1:DaemonSet", Steps: []Step{
			{Name: "is made", Inputs: deployment("DaemonSet", "echo", image, "1", nil, nil), Does: Creates, After: k.pods},
			{Name: "is rolled out", Inputs: deployment("DaemonSet", "echo", image, "2", nil, nil), Does: Updates, After: k.pods},
		}},
		{Name: "a DaemonSet that is not ready", Type: "kubernetes:apps/v1:DaemonSet", Steps: []Step{
			{Name: "is made", Inputs: deployment("DaemonSet", "echo", missing, "1", soon, nil), Does: Fails},
			{Name: "is mended", Inputs: deployment("DaemonSet", "echo", image, "1", nil, nil), Does: Updates},
		}},
	}
}

// pods says what the running pods were told: of a rollout that is complete, all are of one kind.
func (k kube) pods(t *testing.T, _ State) Map {
	list, err := k.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	running := map[string]any{}
	for _, pod := range list.Items {
		if pod.GetDeletionTimestamp() != nil {
			continue
		}
		containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
		args, _ := json.Marshal(containers[0].(map[string]any)["args"])
		n, _ := running[string(args)].(int)
		running[string(args)] = n + 1
	}
	return running
}

func (k kube) jobs() []Case {
	job := func(script string, annotations Map) Map {
		return thing("batch/v1", "Job", in("", Map{"annotations": annotations}), Map{"spec": map[string]any{
			"backoffLimit": 0, "activeDeadlineSeconds": 120,
			"template": map[string]any{"spec": map[string]any{
				"restartPolicy": "Never", "terminationGracePeriodSeconds": 0,
				"containers": []any{map[string]any{
					"name": "sh", "image": "governmentpaas/curl-ssl", "command": []any{"sh", "-c", script},
					"terminationMessagePolicy": "FallbackToLogsOnError",
				}},
			}},
		}})
	}
	renewed := Map{"pulumi.com/replaceUnready": "true"}
	return []Case{
		{Name: "a Job", Type: "kubernetes:batch/v1:Job", DeleteBeforeReplace: true, Steps: []Step{
			{Name: "is done", Inputs: job("true", renewed), Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: job("true", renewed), Does: Nothing},
			{Name: "gets something else to do", Inputs: job("sleep 1", renewed), Does: Replaces},
			{Name: "fails", Inputs: job("echo last words; exit 3", renewed), Does: Fails},
			{Name: "is tried again", Inputs: job("echo last words; exit 3", renewed), Does: Fails},
			{Name: "is mended", Inputs: job("true", renewed), Does: Replaces},
		}},
		{Name: "a Job that takes too long", Type: "kubernetes:batch/v1:Job", TimeoutSeconds: 8, Steps: []Step{
			{Name: "is made", Inputs: job("sleep 100", nil), Does: Fails},
			{Name: "is looked at", Refresh: true, Inputs: job("sleep 100", nil), Does: Fails},
		}},
	}
}

// missing are objects for which something has to be there first.
func (k kube) missing() []Case {
	return []Case{
		{Name: "an object of an unknown kind", Type: "kubernetes:none.example.org/v1:Nothing", Steps: []Step{{
			Name: "is refused", Inputs: thing("none.example.org/v1", "Nothing", in("none"), Map{"spec": map[string]any{"a": "b"}}), Does: Refused,
		}}},
		{Name: "an object in a namespace that is about to go", Type: "kubernetes:core/v1:ConfigMap", Setup: k.makeLeaving, Steps: []Step{{
			Name: "is forbidden", Does: Refused,
			Inputs: thing("v1", "ConfigMap", Map{"name": "late", "namespace": "conformance-leaving"}, Map{"data": map[string]any{"a": "b"}}),
		}}},
		{Name: "an object in a namespace that is not there", Type: "kubernetes:core/v1:ConfigMap", Steps: []Step{{
			Name: "is refused", Inputs: thing("v1", "ConfigMap", Map{"name": "none", "namespace": "none"}, Map{"data": map[string]any{"a": "b"}}),
			Does: Refused,
		}}},
	}
}

// makeLeaving makes a namespace whose deletion has begun and is held up, where nothing new may be made.
func (k kube) makeLeaving(t *testing.T) {
	namespaces := k.Resource(corev1.SchemeGroupVersion.WithResource("namespaces"))
	const name, finalizer = "conformance-leaving", "conformance.example.org/hold"
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "finalizers": []any{finalizer}},
	}}
	if _, err := namespaces.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		let := []byte(`{"metadata":{"finalizers":null}}`)
		_, _ = namespaces.Patch(context.Background(), name, types.MergePatchType, let, metav1.PatchOptions{})
		gone(namespaces, name)
	})
	if err := namespaces.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (k kube) releases(chart string) []Case {
	release := func(name string, values map[string]any) Map {
		inputs := Map{"chart": chart, "namespace": namespace, "timeout": 30, "values": values}
		if name != "" {
			inputs["name"] = name
		}
		return inputs
	}
	fails := map[string]any{"command": []any{"sh", "-c", "exit 1"}}
	return []Case{
		{Name: "a release", Type: "kubernetes:helm.sh/v3:Release", Steps: []Step{
			{Name: "is made", Inputs: release("", map[string]any{"text": "1"}), Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: release("", map[string]any{"text": "1"}), Does: Nothing},
			{Name: "gets another value", Inputs: release("", map[string]any{"text": "2"}), Does: Updates},
			{Name: "gets a value not known yet", Inputs: release("", map[string]any{"text": "3"}), Unknown: []string{"values.text"}, Does: Updates},
			{Name: "gets a name", Inputs: release("named", map[string]any{"text": "3"}), Does: Replaces},
		}},
		{Name: "a release that cannot be deleted", Type: "kubernetes:helm.sh/v3:Release", Setup: k.forgetReleases, Steps: []Step{
			{Name: "is made", Inputs: release("kept", fails), Does: Creates},
			{Name: "is to be replaced", Inputs: release("next", map[string]any{"text": "1"}), Does: Refused},
		}},
		{Name: "a release of a chart that is not there", Type: "kubernetes:helm.sh/v3:Release", Steps: []Step{
			{Name: "is refused", Inputs: Map{"chart": "./none", "namespace": namespace, "values": map[string]any{}}, Does: Refused},
		}},
	}
}

// forgetReleases takes away what Helm has written down, once the case is over.
func (k kube) forgetReleases(t *testing.T) {
	t.Cleanup(func() {
		_ = k.Resource(secrets).Namespace(namespace).DeleteCollection(context.Background(), metav1.DeleteOptions{},
			metav1.ListOptions{LabelSelector: "owner=helm"})
	})
}
