package main

// settings is the lab's settings object for a run on the test bed.
type settings struct {
	Mirrors            map[string]string `json:"mirrors"`
	IgnoreImageDigests bool              `json:"ignoreImageDigests"`
	Addons             map[string]bool   `json:"addons"`
	Kubelet            *kubelet          `json:"kubelet,omitempty"`
	Istiod             istiod            `json:"istiod"`
	IstioOperator      istioOperator     `json:"istioOperator"`
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

// newSettings says where the images are that the test bed made, and what differs from a run on the true ones. The images have the names and
// tags of the release, and cannot have its digests.
func newSettings(registry string, withoutSysResource bool) settings {
	mirror := "http://" + registry
	s := settings{
		Mirrors:            map[string]string{"docker.io": mirror, "ghcr.io": mirror, "quay.io": mirror, "registry.k8s.io": mirror},
		IgnoreImageDigests: true,
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
