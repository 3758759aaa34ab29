package recipe

import (
	"istio-lab/testbed/internal/oci"
	"istio-lab/testbed/internal/source"
)

// prometheusProgram has of all ways to find what to scrape the one that Istio's manifest uses, Kubernetes' API: the others
// would take as long again to compile. The module holds no web pages; the API is complete.
var prometheusProgram = source.Programs{
	Title: "prometheus", Dir: "programs/prometheus",
	Packages: []string{"github.com/prometheus/prometheus/cmd/prometheus"},
	Tags:     []string{"remove_all_sd", "enable_kubernetes_sd"},
	LDFlags:  "-X github.com/prometheus/common/version.Version=" + prometheusVersion,
	// A helper of tests whose name does not end in _test.go: the validator that it brings takes as long to compile as the rest of Prometheus.
	Overlay: []source.OverlayFile{{Module: "github.com/prometheus/prometheus", File: "web/api/v1/test_helpers.go"}},
}

func prometheus() oci.Image {
	image := static(PrometheusImage, prometheusProgram, "prometheus")
	image.Config.User = "65534:65534"
	return image
}

func metricsServer() oci.Image {
	image := static(MetricsServerImage, programs("metrics-server", "", "sigs.k8s.io/metrics-server/cmd/metrics-server"), "metrics-server")
	image.Config.User = "65534:65534"
	return image
}

var prometheusManifest = source.ModuleFile{
	Dir: "programs/istio", Module: "istio.io/istio", Path: "samples/addons/prometheus.yaml",
}
