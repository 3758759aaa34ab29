package kubernetes

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
)

// telling is how often the pods of an object are looked at while it is waited for.
const telling = 5 * time.Second

// tell says what is wrong with an object's pods, and what Kubernetes warns of the object itself, until ctx ends.
func (c *cluster) tell(ctx context.Context, object *unstructured.Unstructured, say *statusLine) {
	ticker := time.NewTicker(telling)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, warning := range append(c.warnings(ctx, object), c.podProblems(ctx, object)...) {
			say.warn(warning)
		}
	}
}

// warnings are the events of an object that are no good news.
func (c *cluster) warnings(ctx context.Context, object *unstructured.Unstructured) []string {
	events, err := c.dynamic.Resource(corev1.SchemeGroupVersion.WithResource("events")).Namespace(object.GetNamespace()).List(ctx,
		metav1.ListOptions{FieldSelector: fields.SelectorFromSet(fields.Set{
			"involvedObject.uid": string(object.GetUID()), "type": corev1.EventTypeWarning,
		}).String()})
	if err != nil {
		return nil // it is only for telling
	}
	var all []string
	for _, event := range events.Items {
		all = append(all, fmt.Sprintf("%v: %v", event.Object["reason"], event.Object["message"]))
	}
	return all
}

// podProblems says what is wrong with the pods of a Deployment, a DaemonSet or a Job.
func (c *cluster) podProblems(ctx context.Context, owner *unstructured.Unstructured) []string {
	labels, ok, _ := unstructured.NestedStringMap(owner.Object, "spec", "selector", "matchLabels")
	if !ok {
		return nil
	}
	pods, err := c.dynamic.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(owner.GetNamespace()).List(ctx,
		metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(&metav1.LabelSelector{MatchLabels: labels})})
	if err != nil {
		return nil // it is only for telling
	}
	var all []string
	for _, item := range pods.Items {
		pod := corev1.Pod{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &pod); err == nil {
			if problem := podProblem(pod); problem != "" {
				all = append(all, fmt.Sprintf("[Pod %s]: %s", shortID(&item), problem))
			}
		}
	}
	return all
}

// podProblem says why a pod is not ready, with the last words of its containers; empty where there is nothing to say, or not yet.
func podProblem(pod corev1.Pod) string {
	for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.PodReady} {
		for _, condition := range pod.Status.Conditions {
			if condition.Type != kind || condition.Status == corev1.ConditionTrue || pod.Status.Phase == corev1.PodSucceeded {
				continue
			}
			return condition.Message + strings.Join(containerProblems(pod.Status.ContainerStatuses), "\n")
		}
	}
	return ""
}

func containerProblems(statuses []corev1.ContainerStatus) []string {
	var all []string
	for _, s := range statuses {
		if s.Ready {
			continue
		}
		if w := s.State.Waiting; w != nil && w.Reason != "ContainerCreating" {
			all = append(all, fmt.Sprintf("[%s] %s", w.Reason, w.Message))
		}
		if t := s.State.Terminated; t != nil && t.Reason != "" {
			if t.Message != "" {
				all = append(all, fmt.Sprintf("[%s] %s", t.Reason, t.Message))
			} else {
				all = append(all, fmt.Sprintf("container %q completed with exit code %d", s.Name, t.ExitCode))
			}
		}
		if t := s.LastTerminationState.Terminated; t != nil {
			all = append(all, strings.TrimSuffix(fmt.Sprintf("container %q terminated at %s (%s: exit code %d)\n%s",
				s.Name, t.FinishedAt.UTC().Format(time.RFC3339), t.Reason, t.ExitCode, t.Message), "\n"))
		}
	}
	return all
}
