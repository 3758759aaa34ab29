package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"

	"istio-lab/internal/allot"
)

const metallbNamespace = "metallb-system"

var (
	addressPools     = schema.GroupVersionResource{Group: "metallb.io", Version: "v1beta1", Resource: "ipaddresspools"}
	l2Advertisements = schema.GroupVersionResource{Group: "metallb.io", Version: "v1beta1", Resource: "l2advertisements"}
)

// addressPool is what is looked at of MetalLB's IPAddressPool.
type addressPool struct {
	Spec struct {
		Addresses []string `json:"addresses"`
	} `json:"spec"`
}

// poolReady: MetalLB runs with the pool that is the cluster's own.
func poolReady(m member) Check {
	return Check{
		Claim: fmt.Sprintf("MetalLB of %s is ready with the pool %s", m.Name, m.Pool),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			if err := c.Deployed(ctx, metallbNamespace, "controller"); err != nil {
				return "", err
			}
			speaker, err := get[appsv1.DaemonSet](ctx, c, daemonSets, metallbNamespace, "speaker")
			if err != nil {
				return "", err
			}
			if s := speaker.Status; s.NumberReady == 0 || s.NumberReady != s.DesiredNumberScheduled {
				return "", fmt.Errorf("%d of %d speakers of MetalLB in %s are ready:\n%s", s.NumberReady,
					s.DesiredNumberScheduled, c.Name, c.Describe(ctx, metallbNamespace))
			}
			pools, err := list[addressPool](ctx, c, addressPools, metallbNamespace, "")
			if err != nil {
				return "", err
			}
			var ranges []string
			for _, pool := range pools {
				ranges = append(ranges, pool.Spec.Addresses...)
			}
			if !slices.Equal(ranges, []string{m.Pool.String()}) {
				return "", lasting{fmt.Errorf("the pools of %s are %q, not %s", c.Name, ranges, m.Pool)}
			}
			advertised, err := list[metav1.PartialObjectMetadata](ctx, c, l2Advertisements, metallbNamespace, "")
			if err == nil && len(advertised) == 0 {
				err = lasting{fmt.Errorf("%s has no L2Advertisement, so nobody learns where its addresses are", c.Name)}
			}
			return "controller and speaker run", err
		},
		patience: 2 * time.Minute, // stages that do not use it do not wait for it: 22 s were measured
	}
}

// poolAnswers: a service of type LoadBalancer gets an address of the pool, and answers there. What answers is the cluster's DNS,
// which says over HTTP that it is ready.
func poolAnswers(m member) Check {
	return Check{
		Claim: fmt.Sprintf("a LoadBalancer service of %s answers %s at an address of the pool", m.Name, m.client),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			c.sweepServices(ctx)
			service, remove, err := create(ctx, c, services, metav1.NamespaceSystem, &corev1.Service{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
				ObjectMeta: metav1.ObjectMeta{GenerateName: callers},
				Spec: corev1.ServiceSpec{
					Type: corev1.ServiceTypeLoadBalancer, Selector: map[string]string{"k8s-app": "kube-dns"},
					Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8181)}},
				},
			})
			if err != nil {
				return "", err
			}
			defer remove()
			var address string
			if err := Poll(ctx, 5*time.Second, func(ctx context.Context) (err error) {
				address, err = c.loadBalancer(ctx, service.Namespace, service.Name)
				return err
			}); err != nil {
				return "", err
			}
			if !holds(m.Pool, address) {
				return "", lasting{fmt.Errorf("the service has the address %s, which is not of %s", address, m.Pool)}
			}
			return address, Poll(ctx, 10*time.Second, func(ctx context.Context) error {
				got, err := l.client(m).ask(ctx, request{url: "http://" + address + "/ready"})
				if err == nil && got.status != 200 {
					err = fmt.Errorf("%s answers %s", address, got)
				}
				return err
			})
		},
		patience: 90 * time.Second,
	}
}

// forgotten is how old a Service to call is that a program has left which was killed: of one that lives, it is gone within the patience of
// its claim.
const forgotten = 5 * time.Minute

// sweepServices deletes Services to call that are forgotten: each holds an address of the pool. No claim depends on it.
func (c *Cluster) sweepServices(ctx context.Context) {
	all, err := list[corev1.Service](ctx, c, services, metav1.NamespaceSystem, "")
	if err != nil {
		return
	}
	for _, s := range all {
		if strings.HasPrefix(s.Name, callers) && time.Since(s.CreationTimestamp.Time) > forgotten {
			_ = c.objects.Resource(services).Namespace(s.Namespace).Delete(ctx, s.Name, metav1.DeleteOptions{})
		}
	}
}

// loadBalancer returns the external address of a service, or objects if it has none.
func (c *Cluster) loadBalancer(ctx context.Context, namespace, name string) (string, error) {
	service, err := get[corev1.Service](ctx, c, services, namespace, name)
	if err != nil {
		return "", err
	}
	if ingress := service.Status.LoadBalancer.Ingress; len(ingress) == 1 && ingress[0].IP != "" {
		return ingress[0].IP, nil
	}
	return "", fmt.Errorf("service %s/%s of %s has no IP address; does a load balancer such as MetalLB run?\n%s", namespace, name, c.Name, c.Describe(ctx, metallbNamespace))
}

// holds says whether an address is of a range.
func holds(r allot.Range, address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && !a.Less(r.First) && !r.Last.Less(a)
}

// Deployed objects unless a Deployment is complete: as many replicas ready as it asks for, and none of an older kind.
func (c *Cluster) Deployed(ctx context.Context, namespace, name string) error {
	d, err := get[appsv1.Deployment](ctx, c, deployments, namespace, name)
	if err != nil {
		return err
	}
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	if want == 0 {
		return lasting{fmt.Errorf("%s/%s of %s is scaled to 0", namespace, name, c.Name)}
	}
	if d.Status.ReadyReplicas != want || d.Status.UpdatedReplicas != want || d.Status.Replicas != want ||
		d.Status.ObservedGeneration < d.Generation {
		return fmt.Errorf("%s/%s of %s has %d of %d replicas ready, %d of %d up to date:\n%s", namespace, name, c.Name,
			d.Status.ReadyReplicas, want, d.Status.UpdatedReplicas, d.Status.Replicas, c.Describe(ctx, namespace))
	}
	return nil
}
