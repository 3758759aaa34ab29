package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheSettingsNameWhatTheTestBedMade(t *testing.T) {
	const want = `{
  "mirrors": {
    "docker.io": "http://172.17.0.1:5000",
    "ghcr.io": "http://172.17.0.1:5000",
    "quay.io": "http://172.17.0.1:5000",
    "registry.k8s.io": "http://172.17.0.1:5000"
  },
  "ignoreImageDigests": true,
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
	got, err := json.MarshalIndent(newSettings("172.17.0.1:5000", true), "", "  ")
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestKubeletIsLeftAloneWhereNothingIsWithheld(t *testing.T) {
	got, err := json.Marshal(newSettings("172.17.0.1:5000", false))
	if err != nil || strings.Contains(string(got), "kubelet") {
		t.Errorf("got %s, %v", got, err)
	}
}
