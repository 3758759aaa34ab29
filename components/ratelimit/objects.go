package ratelimit

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
)

// deploymentOf runs one pod without a sidecar.
func deploymentOf(app string, pod pulumi.Map) cluster.Manifest {
	labels := map[string]string{"app": app}
	return cluster.Manifest{
		APIVersion: "apps/v1", Kind: "Deployment",
		Metadata: cluster.Metadata{Name: app, Namespace: apps.Namespace, Labels: labels},
		Fields: pulumi.Map{"spec": pulumi.Map{
			"replicas": pulumi.Int(1),
			"selector": pulumi.Map{"matchLabels": pulumi.ToStringMap(labels)},
			"template": pulumi.Map{
				"metadata": pulumi.Map{"labels": pulumi.StringMap{
					"app": pulumi.String(app), "sidecar.istio.io/inject": pulumi.String("false"),
				}},
				"spec": pod,
			},
		}},
	}
}

// serviceOf makes pods known by their app's name, at ports that are the pods' own.
func serviceOf(app string, ports map[string]int) cluster.Manifest {
	var list pulumi.Array
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		list = append(list, pulumi.Map{
			"name": pulumi.String(name), "port": pulumi.Int(ports[name]), "targetPort": pulumi.Int(ports[name]),
			"protocol": pulumi.String("TCP"),
		})
	}
	labels := map[string]string{"app": app}
	return cluster.Manifest{
		APIVersion: "v1", Kind: "Service",
		Metadata: cluster.Metadata{Name: app, Namespace: apps.Namespace, Labels: labels},
		Fields:   pulumi.Map{"spec": pulumi.Map{"selector": pulumi.ToStringMap(labels), "ports": list}},
	}
}
