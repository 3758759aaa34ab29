package recipe

import "time"

// Costs is about how long it takes to make each of the larger artifacts from empty caches, downloads included, beside another one and after
// those before it, with which it has packages in common. Measured on two cores, 2026-11-28, where those of release current took 11 minutes;
// those of release book come after them.
var Costs = map[string]time.Duration{
	"layer-debian":                    61 * time.Second,
	"layer-debian-tools":              54 * time.Second,
	"layer-image-store-1.23":          4 * time.Second,
	"layer-image-store-1.36":          6 * time.Second,
	"layer-node-system":               79 * time.Second,
	"layer-redis":                     9 * time.Second,
	"openapi-kubernetes-1.23":         140 * time.Second,
	"programs-cni-plugins":            2 * time.Second,
	"programs-containerd":             55 * time.Second,
	"programs-containerd-1.7":         88 * time.Second,
	"programs-coredns":                8 * time.Second,
	"programs-coredns-1.8":            69 * time.Second,
	"programs-etcd":                   13 * time.Second,
	"programs-etcd-3.5":               34 * time.Second,
	"programs-istio":                  324 * time.Second,
	"programs-kubernetes":             320 * time.Second,
	"programs-kubernetes-1.23":        365 * time.Second,
	"programs-local-path-provisioner": 5 * time.Second,
	"programs-metallb":                15 * time.Second,
	"programs-metallb-book":           6 * time.Second,
	"programs-metrics-server":         7 * time.Second,
	"programs-plugin-docker":          3 * time.Second,
	"programs-plugin-go":              3 * time.Second,
	"programs-plugin-kubernetes":      9 * time.Second,
	"programs-plugin-tls":             14 * time.Second,
	"programs-prometheus":             119 * time.Second,
	"programs-pulumi":                 102 * time.Second,
	"programs-ratelimit":              6 * time.Second,
	"programs-registry":               15 * time.Second,
}

// Disk is how many bytes it takes to make all artifacts of both releases from empty caches and to load them into Docker: 16 GiB in
// Go's caches, 9 GiB of what is made. Measured as above.
const Disk = 25 << 30
