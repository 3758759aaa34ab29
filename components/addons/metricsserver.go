package addons

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/manifest"
)

// MetricsServerArgs says what metrics-server is made from.
type MetricsServerArgs struct {
	Cluster cluster.Cluster
	Image   string
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *MetricsServerArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Image == "" {
		return errors.New("cluster and image are required")
	}
	return nil
}

// NewMetricsServer makes metrics-server, which `kubectl top` asks, or nothing when the arguments are refused.
//
// The API comes last. While an API is announced and nobody serves it, whoever lists the cluster's APIs gets an error, and
// namespaces cannot be deleted.
func NewMetricsServer(
	ctx *pulumi.Context, name string, args *MetricsServerArgs, opts ...pulumi.ResourceOption,
) (*Addon, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("add-on %q: %w", name, err)
	}
	const addon = "metrics-server"
	return newAddon(ctx, name, args.Cluster, [][]manifest.Object{
		metricsServerRoles(addon), metricsServer(addon, args.Image), {metricsAPI(addon)},
	}, nil, opts)
}

// metricsServerRoles let the server ask the kubelets, and the API server about whoever asks it. It does not start without them.
func metricsServerRoles(addon string) []manifest.Object {
	return []manifest.Object{
		account(addon),
		clusterRole(addon,
			rule("", list{"nodes/metrics"}, list{"get"}),
			rule("", list{"nodes", "pods"}, list{"get", "list", "watch"}),
		),
		clusterRoleBinding(addon, addon, addon),
		clusterRoleBinding(addon, addon+"-auth-delegator", "system:auth-delegator"),
		{
			"apiVersion": rbac + "/v1", "kind": "RoleBinding", "metadata": metadata(addon),
			"roleRef":  object{"apiGroup": rbac, "kind": "Role", "name": "extension-apiserver-authentication-reader"},
			"subjects": subjects(addon),
		},
	}
}

func metricsServer(addon, image string) []manifest.Object {
	return []manifest.Object{
		deployment(addon, object{
			"image": image,
			"args": list{
				"--cert-dir=/tmp", "--secure-port=10250", "--metric-resolution=15s",
				"--kubelet-preferred-address-types=InternalIP", "--kubelet-use-node-status-port",
				"--kubelet-insecure-tls", // a kind node's kubelet signs its certificate itself
			},
			"ports": list{object{"name": "https", "containerPort": 10250}},
			"readinessProbe": object{
				"httpGet": object{"path": "/readyz", "port": "https", "scheme": "HTTPS"},
			},
		}),
		{
			"apiVersion": "v1", "kind": "Service", "metadata": metadata(addon),
			"spec": object{
				"selector": labels(addon),
				"ports":    list{object{"name": "https", "port": 443, "targetPort": "https"}},
			},
		},
	}
}

func metricsAPI(addon string) manifest.Object {
	return manifest.Object{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": object{"name": "v1beta1.metrics.k8s.io", "labels": labels(addon)},
		"spec": object{
			"group": "metrics.k8s.io", "version": "v1beta1",
			"service":               object{"name": addon, "namespace": kubeSystem},
			"insecureSkipTLSVerify": true, // it makes its certificate itself
			"groupPriorityMinimum":  100, "versionPriority": 100,
		},
	}
}
