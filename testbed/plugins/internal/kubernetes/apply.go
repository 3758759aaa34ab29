package kubernetes

import (
	"context"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"
)

// retries are how often an object is applied again whose kind or namespace is not there yet, first after 1 s, then each time after twice
// as long.
const retries = 5

// create applies a new object, or takes over one of the same name.
func (c *cluster) create(ctx context.Context, object *unstructured.Unstructured, manager string, dryRun bool,
) (*unstructured.Unstructured, error) {
	log := p.GetLogger(ctx)
	for try, pause := 0, time.Second; ; try, pause = try+1, 2*pause {
		live, err := c.apply(ctx, object, object.GetName(), manager, dryRun)
		if dryRun && apierrors.IsInvalid(err) && strings.Contains(err.Error(), validation.FieldImmutableErrorMsg) {
			// The former object of this name goes first, but not in a preview.
			object.SetName(object.GetName() + rand.String(5))
			log.Infof("Preview creation failed due to immutable fields; retrying with name %q", object.GetName())
			live, err = c.apply(ctx, object, object.GetName(), manager, dryRun)
		}
		if err == nil || try == retries || dryRun && noNamespace(err) || !apierrors.IsNotFound(err) && !meta.IsNoMatchError(err) {
			return live, err
		}
		log.InfoStatusf("Retry #%d; creation failed: %v", try, err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// update applies an object that is there under name. A CustomResourceDefinition is put in its place as a whole: what is no longer in it
// is to go, whoever has set it.
func (c *cluster) update(ctx context.Context, object *unstructured.Unstructured, name, manager string, dryRun bool,
) (*unstructured.Unstructured, error) {
	client, err := c.of(object)
	if err != nil {
		return nil, err
	}
	// An apply would make an object anew that others have deleted; that is for a refresh to find out.
	live, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if object.GetKind() != "CustomResourceDefinition" {
		return c.apply(ctx, object, name, manager, dryRun)
	}
	whole := object.DeepCopy()
	whole.SetResourceVersion(live.GetResourceVersion())
	return client.Update(ctx, whole, metav1.UpdateOptions{FieldManager: manager, DryRun: stages(dryRun)})
}

// apply says what an object is to be. Fields that others have set otherwise are taken over.
func (c *cluster) apply(ctx context.Context, object *unstructured.Unstructured, name, manager string, dryRun bool,
) (*unstructured.Unstructured, error) {
	client, err := c.of(object)
	if err != nil {
		return nil, err
	}
	return client.Apply(ctx, name, object, metav1.ApplyOptions{FieldManager: manager, Force: true, DryRun: stages(dryRun)})
}

func stages(dryRun bool) []string {
	if dryRun {
		return []string{metav1.DryRunAll}
	}
	return nil
}
