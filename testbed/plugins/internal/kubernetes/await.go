package kubernetes

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// unreadyError is that an object is there and not ready.
type unreadyError struct {
	message string
	// details say what is wrong with it and with its pods.
	details []string
}

func (e *unreadyError) Error() string { return e.message }

// timeout is how long to wait: what the resource's options say, or the object's annotation, or 10 minutes.
func timeout(seconds float64, inputs *unstructured.Unstructured) time.Duration {
	if seconds != 0 {
		return time.Duration(seconds * float64(time.Second))
	}
	if n, err := strconv.Atoi(annotation(inputs.Object, timeoutSeconds)); err == nil {
		return time.Duration(n) * time.Second
	}
	return 10 * time.Minute
}

// await waits until an object that was applied with the inputs is ready, and returns it as it is then, also when it is not ready.
func (c *cluster) await(ctx context.Context, inputs, applied *unstructured.Unstructured, limit time.Duration,
) (*unstructured.Unstructured, error) {
	look := probeOf(inputs)
	if look == nil {
		return applied, nil
	}
	say := newStatus(ctx)
	defer say.clear()
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	go c.tell(waiting, applied, say)
	live := applied
	var seen readiness
	err := c.watch(waiting, applied, nil, func(event watch.Event) (bool, error) {
		now, ok := event.Object.(*unstructured.Unstructured)
		if !ok || event.Type == watch.Deleted || now.GetGeneration() < applied.GetGeneration() {
			return false, nil
		}
		live, seen = now, look(now)
		say.info(seen.message)
		say.warn(seen.problem)
		return seen.ready || seen.failed, nil
	})
	if err == nil && seen.ready {
		return live, nil
	}
	message := fmt.Sprintf("Resource '%s' was created but failed to initialize", live.GetName())
	switch {
	case err == nil:
	case waiting.Err() == nil:
		return live, err // the watch itself
	case ctx.Err() != nil:
		message = fmt.Sprintf("Resource operation was cancelled for %q", live.GetName())
	case inputs.GetKind() == "DaemonSet" || annotation(inputs.Object, waitFor) != "":
		message = "timed out waiting for the condition"
	default:
		message = fmt.Sprintf("'%s' timed out waiting to be Ready", live.GetName())
	}
	return live, &unreadyError{message, c.details(ctx, live, seen)}
}

// check looks once whether an object is ready.
func (c *cluster) check(ctx context.Context, inputs, live *unstructured.Unstructured) error {
	look := kindProbe(inputs)
	if look == nil || inputs.GetKind() == "Secret" || annotation(inputs.Object, skipAwait) == "true" {
		return nil
	}
	seen := look(live)
	if seen.ready {
		return nil
	}
	message := fmt.Sprintf("Resource '%s' was created but failed to initialize", live.GetName())
	return &unreadyError{message, c.details(ctx, live, seen)}
}

// details are all that is known to be wrong with an object that is not ready, also when the waiting was ended.
func (c *cluster) details(ctx context.Context, live *unstructured.Unstructured, seen readiness) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var all []string
	if seen.problem != "" {
		all = append(all, seen.problem)
	}
	if live.GetKind() == "Deployment" {
		all = append(all, shortage(live))
	}
	return append(all, c.podProblems(ctx, live)...)
}

// remove deletes an object together with what belongs to it, and waits until it is gone.
func (c *cluster) remove(ctx context.Context, object *unstructured.Unstructured, limit time.Duration) error {
	client, err := c.of(object)
	if err != nil {
		return err
	}
	dependentsFirst := metav1.DeletePropagationForeground
	if err := client.Delete(ctx, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &dependentsFirst}); err != nil {
		return err
	}
	say := newStatus(ctx)
	defer say.clear()
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	gone := func(store cache.Store) (bool, error) { return len(store.List()) == 0, nil }
	err = c.watch(waiting, object, gone, func(event watch.Event) (bool, error) {
		if now, ok := event.Object.(*unstructured.Unstructured); ok {
			say.info(deletion(now))
		}
		return event.Type == watch.Deleted, nil
	})
	if err != nil && waiting.Err() != nil {
		if live, getErr := client.Get(context.WithoutCancel(ctx), object.GetName(), metav1.GetOptions{}); getErr == nil {
			p.GetLogger(ctx).Warningf("finalizers might be preventing deletion (%s)", strings.Join(live.GetFinalizers(), ", "))
		}
		return fmt.Errorf("timed out waiting for the condition: %q is still there: %w", id(object), waiting.Err())
	}
	return err
}

// deletion says what there is to say of an object that is about to go.
func deletion(o *unstructured.Unstructured) string {
	if o.GetDeletionTimestamp() == nil {
		return ""
	}
	return "Resource scheduled for deletion"
}

// watch hands over an object as often as it changes, until done says that it is.
func (c *cluster) watch(ctx context.Context, object *unstructured.Unstructured, before watchtools.PreconditionFunc,
	done watchtools.ConditionFunc,
) error {
	client, err := c.of(object)
	if err != nil {
		return err
	}
	_, err = watchtools.UntilWithSync(ctx, one(client, object.GetName()), &unstructured.Unstructured{}, before, done)
	return err
}

// one lists and watches a single object.
func one(client dynamic.ResourceInterface, name string) cache.ListerWatcher {
	selector := fields.OneTermEqualSelector("metadata.name", name).String()
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = selector
			return client.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = selector
			return client.Watch(ctx, options)
		},
	}
}
