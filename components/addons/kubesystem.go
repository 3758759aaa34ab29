package addons

import "istio-lab/internal/manifest"

const (
	// kubeSystem is where the manual installs kube-ops-view and metrics-server.
	kubeSystem = "kube-system"
	rbac       = "rbac.authorization.k8s.io"
)

type (
	object = map[string]any
	list   = []any
)

// metadata has the label by which the manual selects what belongs to an add-on.
func metadata(addon string) object {
	return object{"name": addon, "namespace": kubeSystem, "labels": labels(addon)}
}

func labels(addon string) object { return object{"app.kubernetes.io/instance": addon} }

// account is the ServiceAccount that the add-on runs as.
func account(addon string) manifest.Object {
	return manifest.Object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(addon)}
}

// clusterRole is what the add-on may do in the whole cluster.
func clusterRole(addon string, rules ...any) manifest.Object {
	return manifest.Object{
		"apiVersion": rbac + "/v1", "kind": "ClusterRole", "metadata": object{"name": addon, "labels": labels(addon)},
		"rules": rules,
	}
}

// rule allows verbs on resources of an API group.
func rule(group string, resources, verbs list) object {
	return object{"apiGroups": list{group}, "resources": resources, "verbs": verbs}
}

// clusterRoleBinding gives the add-on's account a ClusterRole.
func clusterRoleBinding(addon, name, role string) manifest.Object {
	return manifest.Object{
		"apiVersion": rbac + "/v1", "kind": "ClusterRoleBinding", "metadata": object{"name": name, "labels": labels(addon)},
		"roleRef":  object{"apiGroup": rbac, "kind": "ClusterRole", "name": role},
		"subjects": subjects(addon),
	}
}

func subjects(addon string) list {
	return list{object{"kind": "ServiceAccount", "name": addon, "namespace": kubeSystem}}
}

// deployment runs a container as the add-on's account, and as a user that can write to /tmp alone.
func deployment(addon string, container object) manifest.Object {
	container["name"] = addon
	container["volumeMounts"] = list{object{"name": "tmp", "mountPath": "/tmp"}}
	container["securityContext"] = object{
		"runAsNonRoot": true, "runAsUser": 1000, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
		"capabilities": object{"drop": list{"ALL"}},
	}
	return manifest.Object{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(addon),
		"spec": object{
			"selector": object{"matchLabels": labels(addon)},
			"template": object{
				"metadata": object{"labels": labels(addon)},
				"spec": object{
					"serviceAccountName": addon,
					"containers":         list{container},
					"volumes":            list{object{"name": "tmp", "emptyDir": object{}}},
				},
			},
		},
	}
}
