package kubernetes

import (
	"slices"

	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"
)

// helmClient is the cluster as Helm's library wants it.
type helmClient struct {
	*cluster
	namespace string
}

func (h helmClient) ToRESTConfig() (*rest.Config, error) { return h.config, nil }

func (h helmClient) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return h.discovery, nil
}

func (h helmClient) ToRESTMapper() (meta.RESTMapper, error) { return h.mapper, nil }

// ToRawKubeConfigLoader is asked for the namespace alone: that of objects whose template names none.
func (h helmClient) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewDefaultClientConfig(clientcmdapi.Config{}, &clientcmd.ConfigOverrides{
		Context: clientcmdapi.Context{Namespace: h.namespace},
	})
}

// resourceNames lists the objects of a release's manifest by kind, hooks not included.
func resourceNames(manifest string) map[string]any {
	names := map[string][]string{}
	for _, document := range releaseutil.SplitManifests(manifest) {
		object := unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil || object.GetKind() == "" {
			continue // a template that came out empty
		}
		kind := object.GroupVersionKind().GroupKind().String() + "/" + object.GetAPIVersion()
		names[kind] = append(names[kind], id(&object))
	}
	lists := map[string]any{}
	for kind, list := range names {
		all := make([]any, 0, len(list))
		for _, name := range slices.Sorted(slices.Values(list)) {
			all = append(all, name)
		}
		lists[kind] = all
	}
	return lists
}
