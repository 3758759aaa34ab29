package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio-lab/testbed/plugins/internal/own"
)

// refused says why the plugin does not take an object: the official one would do something that this one does not know.
func refused(inputs *unstructured.Unstructured, typeName string) error {
	kind := inputs.GetKind()
	switch {
	case typeName == kind+"Patch" || typeName == kind+"List":
		return fmt.Errorf("the test bed's plugin does not know %s", typeName)
	case slices.Contains(awaitedElsewhere, inputs.GroupVersionKind().GroupKind()) && annotation(inputs.Object, skipAwait) != "true":
		return fmt.Errorf("the test bed's plugin does not know how to wait for a %s: give it the annotation %s", kind, skipAwait)
	}
	return checkWaitFor(inputs)
}

func (k *plugin) checkObject(ctx context.Context, r p.CheckRequest) (p.CheckResponse, error) {
	inputs := normal(&unstructured.Unstructured{Object: object(r.Inputs)})
	if err := refused(inputs, string(r.Urn.Type().Name())); err != nil {
		return p.CheckResponse{}, err
	}
	if annotation(inputs.Object, autonamed) != "" {
		p.GetLogger(ctx).Warningf("ignoring user-specified value for internal annotation %q", autonamed)
	}
	assignName(inputs.Object, object(r.State), r.Urn.Name())
	kind, err := kindOf(r.Urn)
	if err != nil {
		return p.CheckResponse{}, err
	}
	if metadata, ok := inputs.Object["metadata"].(map[string]any); ok && metadata["namespace"] == nil && k.cluster.namespaced(kind) {
		metadata["namespace"] = k.cluster.namespace
	}
	return p.CheckResponse{Inputs: withSecrets(properties(inputs.Object), r.Inputs)}, nil
}

func (k *plugin) diffObject(ctx context.Context, r p.DiffRequest) (p.DiffResponse, error) {
	before, live, _ := parts(r.State)
	after := normal(&unstructured.Unstructured{Object: object(r.Inputs)})
	// What others have changed is a change; what only the cluster has set is none.
	was := &unstructured.Unstructured{Object: prune(live.Object, normal(before).Object).(map[string]any)}
	if k.cluster.namespaced(after.GroupVersionKind()) {
		was.SetNamespace(orDefault(was.GetNamespace()))
		if !hasUnknown(namespaceOf(after)) {
			after.SetNamespace(orDefault(after.GetNamespace()))
		}
	} else {
		was.SetNamespace("")
		after.SetNamespace("")
	}
	was.SetName(live.GetName())
	replacing := append([]string{"metadata.name", "metadata.namespace"}, immutable[after.GroupVersionKind().GroupKind().String()]...)
	found := changes(was.Object, after.Object, replacing...)
	if annotation(after.Object, replaceUnready) == "true" {
		if ready, err := k.isReady(ctx, live); err == nil && !ready {
			found[`metadata.annotations["`+replaceUnready+`"]`] = p.PropertyDiff{Kind: p.UpdateReplace}
		}
	}
	return p.DiffResponse{
		HasChanges:   len(found) > 0,
		DetailedDiff: found,
		// Two objects of one name cannot be there at once.
		DeleteBeforeReplace: own.Replaces(found) && annotation(after.Object, autonamed) != "true" &&
			after.GetName() == live.GetName() && after.GetNamespace() == live.GetNamespace(),
	}, nil
}

func namespaceOf(object *unstructured.Unstructured) any {
	metadata, _ := object.Object["metadata"].(map[string]any)
	return metadata["namespace"]
}

// isReady looks at an object that is to be replaced when it is not ready. Only Jobs can be so.
func (k *plugin) isReady(ctx context.Context, of *unstructured.Unstructured) (bool, error) {
	log := p.GetLogger(ctx)
	if k.cluster.unreachable != nil {
		log.Warning("Cluster is unreachable, skipping replaceUnready check")
		return true, nil
	}
	if of.GetKind() != "Job" {
		log.Warning("replaceUnready annotation is not supported for this resource")
		return true, nil
	}
	live, err := k.cluster.get(ctx, of)
	if err != nil {
		return false, err
	}
	return job(live).ready, nil
}

// get returns an object as the cluster has it now.
func (c *cluster) get(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	client, err := c.of(object)
	if err != nil {
		return nil, err
	}
	return client.Get(ctx, object.GetName(), metav1.GetOptions{})
}

// id is the ID of an object's resource.
func id(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetName()
	}
	return object.GetNamespace() + "/" + object.GetName()
}

func (k *plugin) createObject(ctx context.Context, r p.CreateRequest) (p.CreateResponse, error) {
	inputs := &unstructured.Unstructured{Object: object(r.Properties)}
	asItIs := p.CreateResponse{Properties: r.Properties}
	if r.DryRun && (hasUnknown(inputs.Object) || !k.cluster.knows(inputs.GroupVersionKind())) {
		return asItIs, nil
	}
	if err := k.reachable(); err != nil {
		return p.CreateResponse{}, err
	}
	manager := managerOf(r.Properties)
	live, err := k.cluster.create(ctx, inputs, manager, r.DryRun)
	switch {
	case r.DryRun && (apierrors.IsForbidden(err) || noNamespace(err)):
		return asItIs, nil // the namespace or the permission is what this update is about to make
	case meta.IsNoMatchError(err):
		kind := inputs.GroupVersionKind()
		return p.CreateResponse{}, fmt.Errorf("creation of resource %q with kind %s/%s failed because the Kubernetes API server "+
			"reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: %w",
			r.Urn, kind.GroupVersion(), kind.Kind, err)
	case err != nil:
		return p.CreateResponse{}, fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w", r.Urn, err)
	case r.DryRun:
		delete(live.Object, "status")
		return p.CreateResponse{Properties: state(inputs.Object, live.Object, r.Properties, manager)}, nil
	}
	live, err = k.cluster.await(ctx, inputs, live, timeout(r.Timeout, inputs))
	if inputs.GetKind() == "CustomResourceDefinition" {
		k.cluster.mapper.Reset()
	}
	response := p.CreateResponse{ID: id(live), Properties: state(inputs.Object, live.Object, r.Properties, manager)}
	if err != nil {
		err = fmt.Errorf("resource %q was successfully created, but the Kubernetes API server reported that it failed to fully "+
			"initialize or become live: %w", r.Urn, err)
		response.PartialState = &p.InitializationFailed{Reasons: reasons(err)}
	}
	return response, err
}

func (k *plugin) readObject(ctx context.Context, r p.ReadRequest) (p.ReadResponse, error) {
	before, former, manager := parts(r.Properties)
	if r.Inputs.Len() > 0 {
		before = &unstructured.Unstructured{Object: object(r.Inputs)}
	}
	if len(before.Object) == 0 {
		return p.ReadResponse{}, errors.New("the test bed's plugin does not know how to import or to look up objects")
	}
	before = normal(before)
	live, err := k.cluster.get(ctx, former)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return p.ReadResponse{}, nil
	} else if err != nil {
		return p.ReadResponse{}, err
	}
	inputs := prune(live.Object, before.Object).(map[string]any)
	response := p.ReadResponse{
		ID: r.ID, Properties: state(inputs, live.Object, r.Inputs, manager), Inputs: withSecrets(properties(inputs), r.Inputs),
	}
	if err := k.cluster.check(ctx, before, live); err != nil {
		response.PartialState = &p.InitializationFailed{Reasons: reasons(err)}
		return response, err
	}
	return response, nil
}

func (k *plugin) updateObject(ctx context.Context, r p.UpdateRequest) (p.UpdateResponse, error) {
	inputs := normal(&unstructured.Unstructured{Object: object(r.Inputs)})
	if r.DryRun && (hasUnknown(inputs.Object) || !k.cluster.knows(inputs.GroupVersionKind())) {
		return p.UpdateResponse{Properties: r.Inputs}, nil
	}
	if err := k.reachable(); err != nil {
		return p.UpdateResponse{}, err
	}
	_, former, manager := parts(r.State)
	live, err := k.cluster.update(ctx, inputs, former.GetName(), manager, r.DryRun)
	if err == nil && !r.DryRun {
		live, err = k.cluster.await(ctx, inputs, live, timeout(r.Timeout, inputs))
	}
	switch {
	case err == nil:
		return p.UpdateResponse{Properties: state(inputs.Object, live.Object, r.Inputs, manager)}, nil
	case r.DryRun && apierrors.IsForbidden(err):
		return p.UpdateResponse{Properties: r.Inputs}, nil
	case meta.IsNoMatchError(err):
		return p.UpdateResponse{}, fmt.Errorf("update of resource %q failed because the Kubernetes API server reported that the "+
			"apiVersion for this resource does not exist. Verify that any required CRDs have been created: %w", r.Urn, err)
	}
	// The object is there, if not as it is to be.
	live, getErr := k.cluster.get(ctx, former)
	if getErr != nil {
		return p.UpdateResponse{}, errors.Join(
			fmt.Errorf("update of resource %q failed: %w", r.Urn, err), fmt.Errorf("unable to get cluster state: %w", getErr))
	}
	err = fmt.Errorf("the Kubernetes API server reported that %q failed to fully initialize or become live: %w", id(live), err)
	return p.UpdateResponse{
		Properties:   state(inputs.Object, live.Object, r.Inputs, manager),
		PartialState: &p.InitializationFailed{Reasons: reasons(err)},
	}, err
}

func (k *plugin) deleteObject(ctx context.Context, r p.DeleteRequest) error {
	if k.cluster.unreachable != nil {
		return k.forget(ctx, "configured Kubernetes cluster is unreachable")
	}
	inputs, live, _ := parts(r.Properties)
	err := k.cluster.remove(ctx, live, timeout(r.Timeout, inputs))
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil // it is gone, or its kind is, and it with that
	}
	return err
}

// awaitedElsewhere are the kinds that the official plugin waits for and this one cannot.
var awaitedElsewhere = []schema.GroupKind{
	{Kind: "PersistentVolume"}, {Kind: "PersistentVolumeClaim"}, {Kind: "Pod"}, {Kind: "ReplicationController"},
	{Kind: "ResourceQuota"}, {Kind: "Service"},
	{Group: "apps", Kind: "StatefulSet"}, {Group: "networking.k8s.io", Kind: "Ingress"},
}

// noNamespace says whether an object was refused because its namespace is not there.
func noNamespace(err error) bool {
	status := apierrors.APIStatus(nil)
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil &&
		strings.EqualFold(status.Status().Details.Kind, "namespaces")
}
