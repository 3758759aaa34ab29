package checks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"

	"istio-lab/internal/allot"
)

// Cluster is a client of a cluster.
type Cluster struct {
	allot.Cluster
	// Config is what the kubeconfig says.
	Config *rest.Config
	// The typed clients of client-go would take a minute of a processor to compile.
	objects dynamic.Interface
	http    *http.Client
}

// Connect returns a client of a cluster. Nothing is asked of the cluster yet.
func Connect(slot allot.Cluster, kubeconfig string) (*Cluster, error) {
	if kubeconfig == "" {
		return nil, fmt.Errorf("there is no kubeconfig of %s: run `lab up` first", slot.Name)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(kubeconfig))
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig of %s is refused: %w", slot.Name, err)
	}
	config.Host = strings.TrimSuffix(config.Host, "/") // paths are put behind it
	config.Timeout = 15 * time.Second
	config.QPS = -1 // a check asks a few questions, and is not to be slowed down
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig of %s is refused: %w", slot.Name, err)
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig of %s is refused: %w", slot.Name, err)
	}
	return &Cluster{slot, config, objects, client}, nil
}

// The kinds of objects that are looked at.
var (
	nodes       = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	namespaces  = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	pods        = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	events      = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	secrets     = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	services    = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	daemonSets  = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}
)

// get reads an object. One that is not there is a lasting objection: whoever makes it has waited for it.
func get[T any](ctx context.Context, c *Cluster, kind schema.GroupVersionResource, namespace, name string) (*T, error) {
	object, err := c.objects.Resource(kind).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, lasting{fmt.Errorf("%s has no %s %s", c.Name, kind.Resource, strings.TrimPrefix(namespace+"/"+name, "/"))}
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s %s: %w", c.Name, kind.Resource, name, err)
	}
	return typed[T](object)
}

// list reads the objects of a namespace, or of all, that a selector of labels finds.
func list[T any](ctx context.Context, c *Cluster, kind schema.GroupVersionResource, namespace, selector string) ([]T, error) {
	objects, err := c.objects.Resource(kind).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if apierrors.IsNotFound(err) {
		return nil, lasting{fmt.Errorf("%s does not know %s", c.Name, kind.GroupResource())}
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", c.Name, kind.Resource, err)
	}
	var all []T
	for i := range objects.Items {
		object, err := typed[T](&objects.Items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, *object)
	}
	return all, nil
}

// create makes an object for a moment; remove takes it away again, whatever became of ctx.
func create[T any](ctx context.Context, c *Cluster, kind schema.GroupVersionResource, namespace string, object *T) (
	made *T, remove func(), err error,
) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, nil, err
	}
	of := c.objects.Resource(kind).Namespace(namespace)
	created, err := of.Create(ctx, &unstructured.Unstructured{Object: content}, metav1.CreateOptions{})
	if apierrors.IsNotFound(err) {
		err = lasting{err}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make one of the %s of %s: %w", kind.Resource, c.Name, err)
	}
	remove = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		now := int64(0)
		_ = of.Delete(ctx, created.GetName(), metav1.DeleteOptions{GracePeriodSeconds: &now})
	}
	made, err = typed[T](created)
	return made, remove, err
}

// livePods lists pods as list does, without those that have ended: they stay for long after an eviction, and what has taken their
// place is what counts.
func (c *Cluster) livePods(ctx context.Context, namespace, selector string) ([]corev1.Pod, error) {
	all, err := list[corev1.Pod](ctx, c, pods, namespace, selector)
	return slices.DeleteFunc(all, ended), err
}

func ended(pod corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func typed[T any](object *unstructured.Unstructured) (*T, error) {
	into := new(T)
	return into, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into)
}

// fetch reads a path of the API as text.
func (c *Cluster) fetch(ctx context.Context, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Config.Host+path, nil)
	if err != nil {
		return "", err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}

// workload is a container of pods that a selector finds.
type workload struct{ namespace, selector, container string }

func (w workload) String() string { return w.namespace + ", " + w.selector }

// run runs a command in a running pod of a workload, and returns what it prints.
func (c *Cluster) run(ctx context.Context, w workload, command ...string) (string, error) {
	pod, err := c.runningPod(ctx, w)
	if err != nil {
		return "", err
	}
	return c.exec(ctx, pod.Namespace, pod.Name, w.container, command...)
}

func (c *Cluster) exec(ctx context.Context, namespace, pod, container string, command ...string) (string, error) {
	query := url.Values{"container": {container}, "command": command, "stdout": {"true"}, "stderr": {"true"}}
	target, err := url.Parse(fmt.Sprintf("%s/api/v1/namespaces/%s/pods/%s/exec?%s", c.Config.Host, namespace, pod, query.Encode()))
	if err != nil {
		return "", err
	}
	// The time limit of ordinary requests is not for streams; the context's is.
	config := rest.CopyConfig(c.Config)
	config.Timeout = 0
	executor, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, target)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	if err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr}); err != nil {
		return "", fmt.Errorf("in %s, kubectl exec -n %s %s -c %s -- %s: %w: %s", c.Name, namespace, pod, container,
			shell(command), err, tail(stdout.String()+stderr.String()))
	}
	return stdout.String(), nil
}

func (c *Cluster) runningPod(ctx context.Context, w workload) (corev1.Pod, error) {
	all, err := list[corev1.Pod](ctx, c, pods, w.namespace, w.selector)
	if err != nil {
		return corev1.Pod{}, err
	}
	for _, pod := range all {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return pod, nil
		}
	}
	err = fmt.Errorf("no pod of %s runs in %s", w, c.Name)
	if len(all) == 0 {
		return corev1.Pod{}, lasting{err}
	}
	return corev1.Pod{}, fmt.Errorf("%w:\n%s", err, c.Describe(ctx, w.namespace))
}

// Describe is what a person would look at: the state of each pod of a namespace, the last words of those that are not
// ready, and the last events.
func (c *Cluster) Describe(ctx context.Context, namespace string) string {
	var out strings.Builder
	all, err := list[corev1.Pod](ctx, c, pods, namespace, "")
	if err != nil {
		return err.Error()
	}
	for _, pod := range all {
		fmt.Fprintf(&out, "pod %s %s %s\n", pod.Name, pod.Status.Phase, pod.Status.Message)
		for _, container := range pod.Status.ContainerStatuses {
			if container.Ready {
				continue
			}
			fmt.Fprintf(&out, "  %s %s\n", container.Name, state(container))
			out.WriteString(c.lastWords(ctx, pod, container.Name))
		}
	}
	recent, err := list[corev1.Event](ctx, c, events, namespace, "")
	if err != nil {
		return out.String() + err.Error()
	}
	const few = 15
	for _, event := range recent[max(0, len(recent)-few):] {
		fmt.Fprintf(&out, "event %s %s %s: %s\n", event.LastTimestamp.Format(time.TimeOnly), event.InvolvedObject.Name,
			event.Reason, event.Message)
	}
	return out.String()
}

// state says what a container that is not ready does instead.
func state(container corev1.ContainerStatus) string {
	switch s := container.State; {
	case s.Waiting != nil:
		return fmt.Sprintf("waits: %s %s", s.Waiting.Reason, s.Waiting.Message)
	case s.Terminated != nil:
		return fmt.Sprintf("ended: %d %s", s.Terminated.ExitCode, s.Terminated.Message)
	}
	return fmt.Sprintf("runs, not ready, restarts %d", container.RestartCount)
}

// lastWords are the last lines of a container's log.
func (c *Cluster) lastWords(ctx context.Context, pod corev1.Pod, container string) string {
	log, err := c.fetch(ctx, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=10", pod.Namespace, pod.Name,
		url.QueryEscape(container)))
	if err != nil {
		return "    no log: " + err.Error() + "\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSpace(log), "\n", "\n    ") + "\n"
}

// tail is the end of a long text: what a person looks at first.
func tail(text string) string {
	const lines = 20
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(all) > lines {
		all = append([]string{"…"}, all[len(all)-lines:]...)
	}
	return strings.Join(all, "\n")
}
