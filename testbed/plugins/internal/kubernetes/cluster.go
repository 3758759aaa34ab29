package kubernetes

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// cluster is the API server that a provider speaks to.
type cluster struct {
	config *rest.Config
	// namespace is where objects go that name none.
	namespace string
	discovery discovery.CachedDiscoveryInterface
	mapper    meta.ResettableRESTMapper
	dynamic   dynamic.Interface
	// unreachable is why the API server did not answer when the plugin started; nil when it did.
	unreachable error
}

func connect(ctx context.Context, config *rest.Config, namespace string) (*cluster, error) {
	plain, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	c := &cluster{config: config, namespace: namespace, discovery: memory.NewMemCacheClient(plain), dynamic: objects}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(c.discovery)
	if err := plain.RESTClient().Get().AbsPath("/version").Do(ctx).Error(); err != nil {
		c.unreachable = fmt.Errorf("unable to load schema information from the API server: %w", err)
	}
	return c, nil
}

// knows says whether the API server has the kind: one of a custom resource may be yet to come.
func (c *cluster) knows(kind schema.GroupVersionKind) bool {
	if c.unreachable != nil {
		return false
	}
	_, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	return err == nil
}

// of returns the client for objects of the kind and in the namespace of object.
func (c *cluster) of(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		// The kind may have come since the plugin asked last.
		c.mapper.Reset()
		if mapping, err = c.mapper.RESTMapping(kind.GroupKind(), kind.Version); err != nil {
			return nil, err
		}
	}
	client := c.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return client, nil
	}
	return client.Namespace(orDefault(object.GetNamespace())), nil
}

// orDefault is the namespace that an object without one is in.
func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}

// clusterWide are Kubernetes' own kinds that are in no namespace, as far as the lab and third-party manifests use them.
var clusterWide = []string{
	"APIService", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "MutatingWebhookConfiguration", "Namespace",
	"PriorityClass", "StorageClass", "ValidatingWebhookConfiguration",
}

// namespaced says whether objects of the kind are in namespaces. A kind that nobody knows yet is taken for one that is.
func (c *cluster) namespaced(kind schema.GroupVersionKind) bool {
	if slices.Contains(clusterWide, kind.Kind) {
		return false
	}
	if scheme.Scheme.Recognizes(kind) || c.unreachable != nil {
		return true
	}
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	return err != nil || mapping.Scope.Name() == meta.RESTScopeNameNamespace
}
