package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	kubeconfigKey = "kubeconfig"
	identifierKey = "clusterIdentifier"
	settingsKey   = "kubeClientSettings"
	// forgetKey is on for the lab's own clusters, and not set for those of others; then the variable decides.
	forgetKey      = "deleteUnreachable"
	forgetVariable = "PULUMI_K8S_DELETE_UNREACHABLE"
)

// ways are the settings that the lab switches on, each of which chooses one of two ways; the plugin knows the chosen one alone.
var ways = []string{"enablePatchForce", "enableSecretMutable", "upsertExistingObjects"}

// checkConfig refuses what the plugin does not know, rather than do something else in silence.
func checkConfig(_ context.Context, r p.CheckRequest) (p.CheckResponse, error) {
	var failures []p.CheckFailure
	refuse := func(key, reason string) { failures = append(failures, p.CheckFailure{Property: key, Reason: reason}) }
	for key := range r.Inputs.AllStable {
		known := slices.Contains(ways, key) || slices.Contains([]string{kubeconfigKey, identifierKey, settingsKey, forgetKey, "version"}, key)
		if !known && !strings.HasPrefix(key, "__") {
			refuse(key, fmt.Sprintf("the test bed's plugin does not know the setting %q of a provider: leave it out", key))
		}
	}
	if v := r.Inputs.Get(forgetKey); !v.IsComputed() && !v.IsNull() && !on(v) {
		refuse(forgetKey, fmt.Sprintf("the test bed's plugin knows only %s: true, or leave it out", forgetKey))
	}
	for _, key := range ways {
		if v := r.Inputs.Get(key); !v.IsComputed() && !on(v) {
			refuse(key, fmt.Sprintf("the test bed's plugin knows only %s: true", key))
		}
	}
	for _, key := range []string{kubeconfigKey, identifierKey} {
		if v := r.Inputs.Get(key); !v.IsComputed() && (!v.IsString() || v.AsString() == "") {
			refuse(key, fmt.Sprintf("the test bed's plugin needs %s, as text", key))
		}
	}
	return p.CheckResponse{Inputs: r.Inputs, Failures: failures}, nil
}

// on says whether a switch is on; the engine hands it over as a boolean or as text.
func on(v property.Value) bool {
	return v.IsBool() && v.AsBool() || v.IsString() && v.AsString() == "true"
}

// diffConfig replaces the provider, and with it all that it made, when the cluster is another one. Anything else, the kubeconfig
// included, is another way to the same cluster.
func diffConfig(_ context.Context, r p.DiffRequest) (p.DiffResponse, error) {
	before, after := object(r.State), object(r.Inputs)
	diff := map[string]p.PropertyDiff{}
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for key := range keys {
		was, had := before[key]
		is, has := after[key]
		switch {
		case strings.HasPrefix(key, "__") || reflect.DeepEqual(was, is):
		case !had:
			diff[key] = p.PropertyDiff{Kind: p.Add}
		case !has:
			diff[key] = p.PropertyDiff{Kind: p.Delete}
		case key == identifierKey:
			diff[key] = p.PropertyDiff{Kind: p.UpdateReplace}
		default:
			diff[key] = p.PropertyDiff{Kind: p.Update}
		}
	}
	return p.DiffResponse{HasChanges: len(diff) > 0, DetailedDiff: diff}, nil
}

// clientSettings bound the requests to the API server.
type clientSettings struct {
	QPS   float32 `json:"qps"`
	Burst int     `json:"burst"`
}

// configure connects to the cluster. One that does not answer is no error yet: destroying is still possible.
func (k *plugin) configure(ctx context.Context, r p.ConfigureRequest) error {
	config, namespace, err := restConfig(r.Variables["kubernetes:config:"+kubeconfigKey])
	if err != nil {
		return err
	}
	settings := clientSettings{QPS: 50, Burst: 120} // as the official plugin has it
	if text := r.Variables["kubernetes:config:"+settingsKey]; text != "" {
		if err := json.Unmarshal([]byte(text), &settings); err != nil {
			return fmt.Errorf("%s: %w", settingsKey, err)
		}
	}
	config.QPS, config.Burst = settings.QPS, settings.Burst
	config.WarningHandler = rest.NoWarnings{}
	k.forgets = os.Getenv(forgetVariable) == "true"
	if text, set := r.Variables["kubernetes:config:"+forgetKey]; set {
		k.forgets = text == "true"
	}
	k.cluster, err = connect(ctx, config, namespace)
	return err
}

// restConfig reads a kubeconfig and returns also the namespace of its current context.
func restConfig(kubeconfig string) (*rest.Config, string, error) {
	loaded, err := clientcmd.Load([]byte(kubeconfig))
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be read: %w", kubeconfigKey, err)
	}
	client := clientcmd.NewDefaultClientConfig(*loaded, nil)
	config, err := client.ClientConfig()
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", kubeconfigKey, err)
	}
	namespace, _, err := client.Namespace()
	return config, namespace, err
}
