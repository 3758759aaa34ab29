package recipe

import "time"

// Costs is about how long it takes to make each of the larger artifacts from empty caches, downloads included, beside another one.
// Measured on two cores, 2026-11-23, where all took 23 minutes; those that were measured alone are stretched accordingly.
var Costs = map[string]time.Duration{
	"layer-debian":                    62 * time.Second,
	"layer-debian-tools":              49 * time.Second,
	"layer-image-store-1.23":          40 * time.Second,
	"layer-image-store-1.36":          40 * time.Second,
	"layer-node-system":               36 * time.Second,
	"layer-redis":                     10 * time.Second,
	"openapi-kubernetes-1.23":         60 * time.Second,
	"programs-cni-plugins":            20 * time.Second,
	"programs-containerd":             90 * time.Second,
	"programs-containerd-1.7":         90 * time.Second,
	"programs-coredns":                150 * time.Second,
	"programs-coredns-1.8":            150 * time.Second,
	"programs-etcd":                   60 * time.Second,
	"programs-etcd-3.5":               60 * time.Second,
	"programs-istio":                  430 * time.Second,
	"programs-kubernetes":             618 * time.Second,
	"programs-kubernetes-1.23":        618 * time.Second,
	"programs-local-path-provisioner": 60 * time.Second,
	"programs-metallb":                110 * time.Second,
	"programs-metallb-book":           110 * time.Second,
	"programs-metrics-server":         136 * time.Second,
	"programs-plugin-docker":          90 * time.Second,
	"programs-plugin-go":              30 * time.Second,
	"programs-plugin-kubernetes":      135 * time.Second,
	"programs-plugin-tls":             10 * time.Second,
	"programs-prometheus":             335 * time.Second,
	"programs-pulumi":                 300 * time.Second,
	"programs-ratelimit":              35 * time.Second,
	"programs-registry":               107 * time.Second,
}

// Disk is how many bytes it takes to make all artifacts from empty caches and to load them into Docker: 23 GiB in Go's caches, 4 GiB of
// what is made. Measured as above.
const Disk = 27 << 30
