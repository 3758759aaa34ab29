package main

import (
	"istio-lab/testbed/internal/recipe"
)

// settings is the lab's settings object for a run on the test bed.
type settings struct {
	Images        map[string]string `json:"images"`
	Mirrors       map[string]string `json:"mirrors"`
	Manifests     map[string]string `json:"manifests"`
	Addons        map[string]bool   `json:"addons"`
	Kubelet       *kubelet          `json:"kubelet,omitempty"`
	Istiod        istiod            `json:"istiod"`
	IstioOperator istioOperator     `json:"istioOperator"`
}

type kubelet struct {
	FeatureGates map[string]bool `json:"featureGates"`
}

type istiod struct {
	Env map[string]string `json:"env"`
}

type istioOperator struct {
	Values map[string]any `json:"values"`
}

// newSettings names what the test bed made, and what differs from a run on the true images.
func newSettings(registry string, manifests map[string]string, withoutSysResource bool) settings {
	mirror := "http://" + registry
	s := settings{
		Images: map[string]string{
			"node":     recipe.NodeImage,
			"istioctl": recipe.IstioctlImage,
			"registry": recipe.RegistryImage,
			"pilot":    recipe.PilotImage,
			"proxyv2":  recipe.ProxyImage,
		},
		Mirrors:   map[string]string{"docker.io": mirror, "ghcr.io": mirror, "quay.io": mirror, "registry.k8s.io": mirror},
		Manifests: manifests,
		// No package registry offers what these are made from.
		Addons: map[string]bool{"grafana": false, "jaeger": false, "kiali": false, "kube-ops-view": false},
		// Upstream's Envoy lacks the filters for Istio's ALPN names, its metadata exchange and its statistics.
		Istiod: istiod{Env: map[string]string{
			"PILOT_ENABLE_ALPN_FILTER":       "false",
			"PILOT_ENABLE_METADATA_EXCHANGE": "false",
			"PILOT_DISABLE_MX_ALPN":          "true",
		}},
		IstioOperator: istioOperator{Values: map[string]any{"telemetry": map[string]any{"enabled": false}}},
	}
	if withoutSysResource {
		// Without that capability kubelet fails on the kernel settings that it wants to change; in this mode it goes on.
		s.Kubelet = &kubelet{FeatureGates: map[string]bool{"KubeletInUserNamespace": true}}
	}
	return s
}
