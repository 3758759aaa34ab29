package recipe

import "time"

// Costs is about how long it takes to make each of the larger artifacts from empty caches, downloads included, beside another one and after
// those before it, with which it has packages in common. Measured on two cores, 2026-11-27, where those of release current took 15 minutes,
// and then those of release book 9.
var Costs = map[string]time.Duration{
	"layer-debian":                    72 * time.Second,
	"layer-debian-tools":              77 * time.Second,
	"layer-image-store-1.23":          4 * time.Second,
	"layer-image-store-1.36":          4 * time.Second,
	"layer-node-system":               75 * time.Second,
	"layer-redis":                     8 * time.Second,
	"openapi-kubernetes-1.23":         140 * time.Second,
	"programs-cni-plugins":            3 * time.Second,
	"programs-containerd":             72 * time.Second,
	"programs-containerd-1.7":         88 * time.Second,
	"programs-coredns":                17 * time.Second,
	"programs-coredns-1.8":            69 * time.Second,
	"programs-etcd":                   18 * time.Second,
	"programs-etcd-3.5":               34 * time.Second,
	"programs-istio":                  307 * time.Second,
	"programs-kubernetes":             458 * time.Second,
	"programs-kubernetes-1.23":        365 * time.Second,
	"programs-local-path-provisioner": 7 * time.Second,
	"programs-metallb":                174 * time.Second,
	"programs-metallb-book":           128 * time.Second,
	"programs-metrics-server":         11 * time.Second,
	"programs-plugin-docker":          5 * time.Second,
	"programs-plugin-go":              2 * time.Second,
	"programs-plugin-kubernetes":      10 * time.Second,
	"programs-plugin-tls":             13 * time.Second,
	"programs-prometheus":             159 * time.Second,
	"programs-pulumi":                 244 * time.Second,
	"programs-ratelimit":              7 * time.Second,
	"programs-registry":               27 * time.Second,
}

// Disk is how many bytes it takes to make all artifacts of both releases from empty caches and to load them into Docker: 19 GiB in Go's
// caches, 4 GiB of what is made. Measured as above.
const Disk = 23 << 30
