package recipe

import "time"

// Costs is how long it takes to make each of the larger artifacts from empty caches, downloads included, beside another one.
// Measured on two cores, 2026-11-23.
var Costs = map[string]time.Duration{
	"layer-debian":               25 * time.Second,
	"layer-debian-tools":         39 * time.Second,
	"layer-etcd":                 5 * time.Second,
	"layer-image-store":          48 * time.Second,
	"layer-node-system":          29 * time.Second,
	"layer-redis":                6 * time.Second,
	"programs-coredns":           93 * time.Second,
	"programs-istio":             268 * time.Second,
	"programs-kubernetes":        310 * time.Second,
	"programs-metallb":           69 * time.Second,
	"programs-metrics-server":    85 * time.Second,
	"programs-plugin-docker":     74 * time.Second,
	"programs-plugin-kubernetes": 114 * time.Second,
	"programs-plugin-tls":        201 * time.Second,
	"programs-prometheus":        209 * time.Second,
	"programs-ratelimit":         22 * time.Second,
	"programs-registry":          65 * time.Second,
}

// Disk is how many bytes it takes to make all artifacts from empty caches and to load them into Docker: 23 GiB in Go's caches, 4 GiB of
// what is made. Measured as above.
const Disk = 27 << 30
