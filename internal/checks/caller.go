package checks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio-lab/internal/release"
)

const (
	// callers is how the names of the pods to call from begin, and of the Services to call.
	callers = "lab-verify-"
	// defaultAccount is the service account that every namespace has.
	defaultAccount = "default"
)

// caller makes a pod to call from, for a while, which has the identity of a service account.
func (c *Cluster) caller(ctx context.Context, namespace, account string, labels map[string]string, image string) (
	*corev1.Pod, func(), error,
) {
	c.sweep(ctx, namespace)
	now, lifetime := int64(0), int64(1800)
	return create(ctx, c, pods, namespace, &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{GenerateName: callers, Labels: labels},
		Spec: corev1.PodSpec{
			Containers:         []corev1.Container{{Name: "client", Image: image, Command: []string{"sleep", "infinity"}}},
			ServiceAccountName: account,
			RestartPolicy:      corev1.RestartPolicyNever, TerminationGracePeriodSeconds: &now,
			ActiveDeadlineSeconds: &lifetime, // whatever becomes of this program
		},
	})
}

// sweep deletes the pods to call from that have ended: those of a program that was killed end by themselves, but stay. No claim
// depends on it.
func (c *Cluster) sweep(ctx context.Context, namespace string) {
	all, err := list[corev1.Pod](ctx, c, pods, namespace, "")
	if err != nil {
		return
	}
	for _, pod := range all {
		if ended(pod) && strings.HasPrefix(pod.Name, callers) {
			_ = c.objects.Resource(pods).Namespace(namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{})
		}
	}
}

// inCaller is a pod to call from. It is waited for, which is no claim's business.
func (c *Cluster) inCaller(made *corev1.Pod) place {
	return func(ctx context.Context, command ...string) (string, error) {
		if err := Poll(ctx, pullLimit, func(ctx context.Context) error {
			pod, err := get[corev1.Pod](ctx, c, pods, made.Namespace, made.Name)
			if err == nil && !ready(*pod) {
				err = fmt.Errorf("pod %s of %s is not ready:\n%s", pod.Name, c.Name, c.Describe(ctx, made.Namespace))
			}
			return err
		}); err != nil {
			return "", err
		}
		return c.exec(ctx, made.Namespace, made.Name, "client", command...)
	}
}

// guests are pods outside the mesh from which the other cluster is asked, by their cluster's name. They are made when they are first
// needed, and stay until the lab is closed.
type guests struct {
	mutex sync.Mutex
	pods  map[string]*corev1.Pod
	gone  []func()
}

// leave takes the pods away.
func (g *guests) leave() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, remove := range g.gone {
		remove()
	}
	g.pods, g.gone = nil, nil
}

// guest is a pod of a cluster, in the namespace default: at the first stages there is no other that is sure to be there.
func (l *Lab) guest(cluster string) place {
	return func(ctx context.Context, command ...string) (string, error) {
		c := l.clusters[cluster]
		made, err := l.guests.in(ctx, c, l.settings.Release.Images[release.Client])
		if err != nil {
			return "", err
		}
		return c.inCaller(made)(ctx, command...)
	}
}

// in returns the pod of a cluster, and makes it if there is none, or no longer one.
func (g *guests) in(ctx context.Context, c *Cluster, image string) (*corev1.Pod, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if made := g.pods[c.Name]; made != nil {
		there, err := get[corev1.Pod](ctx, c, pods, made.Namespace, made.Name)
		if err == nil && !ended(*there) && there.DeletionTimestamp == nil {
			return made, nil
		}
		if err != nil && !errors.As(err, &lasting{}) {
			return nil, err
		} // otherwise it was evicted, or ended: verify may be waiting for longer than it lives
	}
	made, remove, err := c.caller(ctx, metav1.NamespaceDefault, defaultAccount, map[string]string{"sidecar.istio.io/inject": "false"}, image)
	if err != nil {
		return nil, err
	}
	if g.pods == nil {
		g.pods = map[string]*corev1.Pod{}
	}
	g.pods[c.Name] = made
	g.gone = append(g.gone, remove)
	return made, nil
}
