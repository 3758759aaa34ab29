//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/remotecommand"

	"istio-lab/components/istio"
	"istio-lab/internal/allot"
)

const systemNamespace = istio.SystemNamespace

// cluster is a cluster of the lab, reached by the kubeconfig that the stack puts out.
type cluster struct {
	allot.Cluster
	*kubernetes.Clientset
	dynamic dynamic.Interface
	config  *rest.Config
}

// connect returns a client of a cluster of the stack.
func (s *stack) connect(t testing.TB, slot allot.Cluster) *cluster {
	t.Helper()
	out, ok := s.outputs(t).Clusters[slot.Name]
	if !ok {
		t.Fatalf("the stack %s puts out no cluster %s", s.name, slot.Name)
	}
	return newCluster(t, slot, out.Kubeconfig)
}

// members are clients of both clusters of the multicluster lab.
func (s *stack) members(t testing.TB) []*cluster {
	t.Helper()
	return []*cluster{s.connect(t, s.slot.West), s.connect(t, s.slot.East)}
}

func newCluster(t testing.TB, slot allot.Cluster, kubeconfig string) *cluster {
	t.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(kubeconfig))
	if err != nil {
		t.Fatalf("the kubeconfig of %s is refused: %v", slot.Name, err)
	}
	config.Timeout = 15 * time.Second
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{slot, client, objects, config}
}

// run runs a command in the first container of the running pod that a selector finds, and returns what it prints.
func (c *cluster) run(ctx context.Context, namespace, selector string, command ...string) (string, error) {
	pod, err := c.runningPod(ctx, namespace, selector)
	if err != nil {
		return "", err
	}
	request := c.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Container: pod.Spec.Containers[0].Name, Command: command, Stdout: true, Stderr: true,
		}, scheme.ParameterCodec)
	// The time limit of ordinary requests is not for streams; the context's is.
	config := rest.CopyConfig(c.config)
	config.Timeout = 0
	executor, err := remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	if err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr}); err != nil {
		return "", fmt.Errorf("run %q in %s of %s: %w: %s", command, pod.Name, c.Name, err,
			tail(stdout.String()+stderr.String()))
	}
	return stdout.String(), nil
}

func (c *cluster) runningPod(ctx context.Context, namespace, selector string) (corev1.Pod, error) {
	pods, err := c.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return corev1.Pod{}, err
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return pod, nil
		}
	}
	return corev1.Pod{}, fmt.Errorf("no pod with %s runs in %s:\n%s", selector, c.Name, c.describe(ctx, namespace))
}

// nodeReady objects to a node that is not ready.
func (c *cluster) nodeReady(ctx context.Context) error {
	node, err := c.CoreV1().Nodes().Get(ctx, c.Node, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			return nil
		}
	}
	return fmt.Errorf("node %s is not ready: %+v", c.Node, node.Status.Conditions)
}

// deployed objects unless a Deployment is complete: as many replicas ready as it asks for, and none of an older kind.
func (c *cluster) deployed(ctx context.Context, namespace, name string) error {
	d, err := c.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	want := *d.Spec.Replicas
	if want == 0 || d.Status.ReadyReplicas != want || d.Status.UpdatedReplicas != want || d.Status.Replicas != want ||
		d.Status.ObservedGeneration < d.Generation {
		return fmt.Errorf("%s/%s of %s is not ready, but %+v:\n%s", namespace, name, c.Name, d.Status,
			c.describe(ctx, namespace))
	}
	return nil
}

// startedSince objects to pods that are not ready, or have not been started since a time; those that have done their
// work and ended do not count.
func (c *cluster) startedSince(ctx context.Context, since time.Time) error {
	pods, err := c.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	counted := 0
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodSucceeded {
			continue
		}
		for _, container := range pod.Status.ContainerStatuses {
			counted++
			running := container.State.Running
			if running == nil || !container.Ready || running.StartedAt.Time.Before(since) {
				return fmt.Errorf("container %s of %s in %s is not ready since %s:\n%s", container.Name, pod.Name, c.Name,
					since.Format(time.TimeOnly), c.describe(ctx, pod.Namespace))
			}
		}
	}
	if counted == 0 {
		return errors.New("there are no pods")
	}
	return nil
}

// describe is what a person would look at: the state of each pod of a namespace, the last words of those that are not
// ready, and the last events.
func (c *cluster) describe(ctx context.Context, namespace string) string {
	var out strings.Builder
	pods, err := c.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err.Error()
	}
	for _, pod := range pods.Items {
		fmt.Fprintf(&out, "pod %s %s %s\n", pod.Name, pod.Status.Phase, pod.Status.Message)
		for _, container := range pod.Status.ContainerStatuses {
			state := container.State
			switch {
			case container.Ready:
			case state.Waiting != nil:
				fmt.Fprintf(&out, "  %s waits: %s %s\n", container.Name, state.Waiting.Reason, state.Waiting.Message)
			case state.Terminated != nil:
				fmt.Fprintf(&out, "  %s ended: %d %s\n", container.Name, state.Terminated.ExitCode, state.Terminated.Message)
			default:
				fmt.Fprintf(&out, "  %s runs, not ready, restarts %d\n", container.Name, container.RestartCount)
			}
			if !container.Ready {
				out.WriteString(c.lastWords(ctx, pod, container.Name))
			}
		}
	}
	events, err := c.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return out.String() + err.Error()
	}
	const few = 15
	for _, event := range events.Items[max(0, len(events.Items)-few):] {
		fmt.Fprintf(&out, "event %s %s %s: %s\n", event.LastTimestamp.Format(time.TimeOnly), event.InvolvedObject.Name,
			event.Reason, event.Message)
	}
	return out.String()
}

// lastWords are the last lines of a container's log.
func (c *cluster) lastWords(ctx context.Context, pod corev1.Pod, container string) string {
	lines := int64(10)
	options := &corev1.PodLogOptions{Container: container, TailLines: &lines}
	log, err := c.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).DoRaw(ctx)
	if err != nil {
		return "    no log: " + err.Error() + "\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSpace(string(log)), "\n", "\n    ") + "\n"
}
