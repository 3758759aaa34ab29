package addons

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/manifest"
)

// KubeOpsViewArgs says what kube-ops-view is made from, and where its page is.
type KubeOpsViewArgs struct {
	Cluster  cluster.Cluster
	Image    string
	NodePort int
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *KubeOpsViewArgs) Validate() error {
	if a == nil || a.Cluster.Provider == nil || a.Image == "" || a.NodePort == 0 {
		return errors.New("cluster, image and NodePort are required")
	}
	return nil
}

// NewKubeOpsView makes kube-ops-view, a picture of the nodes and their pods, or nothing when the arguments are refused.
func NewKubeOpsView(ctx *pulumi.Context, name string, args *KubeOpsViewArgs, opts ...pulumi.ResourceOption) (*Addon, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("add-on %q: %w", name, err)
	}
	return newAddon(ctx, name, args.Cluster, [][]manifest.Object{kubeOpsView(args.Image, args.NodePort)}, nil, opts)
}

func kubeOpsView(image string, nodePort int) []manifest.Object {
	const addon = "kube-ops-view"
	return []manifest.Object{
		account(addon),
		clusterRole(addon,
			rule("", list{"nodes", "pods"}, list{"list"}),
			rule("metrics.k8s.io", list{"nodes", "pods"}, list{"get", "list"}), // what metrics-server says, if it is there
		),
		clusterRoleBinding(addon, addon, addon),
		deployment(addon, object{
			"image":          image,
			"ports":          list{object{"name": "http", "containerPort": 8080}},
			"readinessProbe": object{"httpGet": object{"path": "/health", "port": "http"}},
		}),
		{
			"apiVersion": "v1", "kind": "Service", "metadata": metadata(addon),
			"spec": object{
				"type": "NodePort", "selector": labels(addon),
				"ports": list{object{"name": "http", "port": 8080, "targetPort": "http", "nodePort": nodePort}},
			},
		},
	}
}
