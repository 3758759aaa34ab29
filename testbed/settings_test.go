package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheSettingsNameWhatTheTestBedMade(t *testing.T) {
	const want = `{
  "images": {
    "istioctl": "docker.io/istio/istioctl:1.32-dev",
    "node": "kindest/node:v1.36.4",
    "pilot": "docker.io/istio/pilot:1.32-dev",
    "proxyv2": "docker.io/istio/proxyv2:1.32-dev",
    "registry": "istio-lab-testbed/registry:v3.1.2"
  },
  "mirrors": {
    "docker.io": "http://172.17.0.1:5000",
    "ghcr.io": "http://172.17.0.1:5000",
    "quay.io": "http://172.17.0.1:5000",
    "registry.k8s.io": "http://172.17.0.1:5000"
  },
  "manifests": {
    "metallb": "/cache/metallb-native.yaml",
    "prometheus": "/cache/prometheus.yaml"
  },
  "addons": {
    "grafana": false,
    "jaeger": false,
    "kiali": false,
    "kube-ops-view": false
  },
  "kubelet": {
    "featureGates": {
      "KubeletInUserNamespace": true
    }
  },
  "istiod": {
    "env": {
      "PILOT_DISABLE_MX_ALPN": "true",
      "PILOT_ENABLE_ALPN_FILTER": "false",
      "PILOT_ENABLE_METADATA_EXCHANGE": "false"
    }
  },
  "istioOperator": {
    "values": {
      "telemetry": {
        "enabled": false
      }
    }
  }
}`
	manifests := map[string]string{"metallb": "/cache/metallb-native.yaml", "prometheus": "/cache/prometheus.yaml"}
	got, err := json.MarshalIndent(newSettings("172.17.0.1:5000", manifests, true), "", "  ")
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestKubeletIsLeftAloneWhereNothingIsWithheld(t *testing.T) {
	got, err := json.Marshal(newSettings("172.17.0.1:5000", nil, false))
	if err != nil || strings.Contains(string(got), "kubelet") {
		t.Errorf("got %s, %v", got, err)
	}
}
