package settings

import "slices"

// Scenario is one of the two labs.
type Scenario string

// The scenarios.
const (
	Multicluster Scenario = "multicluster" // Istio in Action, chapter 12: two clusters, one mesh
	Extension    Scenario = "extension"    // chapter 14: one cluster, the data plane extended
)

// Stage is a step of the manual. A stage includes all that come before it.
type Stage string

// The stages of both scenarios.
const (
	Clusters     Stage = "clusters"
	LoadBalancer Stage = "loadbalancer"
	Trust        Stage = "trust"
	Mesh         Stage = "mesh"
	Apps         Stage = "apps"
	Discovery    Stage = "discovery"
	Gateways     Stage = "gateways"
	Locality     Stage = "locality"
	Policy       Stage = "policy"

	Cluster   Stage = "cluster"
	Tap       Stage = "tap"
	RateLimit Stage = "ratelimit"
	Lua       Stage = "lua"
	Wasm      Stage = "wasm"
)

// ladders lists every stage of a scenario in the manual's order.
var ladders = map[Scenario][]Stage{
	Multicluster: {Clusters, LoadBalancer, Trust, Mesh, Apps, Discovery, Gateways, Locality, Policy},
	Extension:    {Cluster, Mesh, Apps, Tap, RateLimit, Lua, Wasm},
}

// Stages returns the stages of a scenario, in the manual's order.
func Stages(s Scenario) []Stage { return slices.Clone(ladders[s]) }

// Last returns the last stage of a scenario.
func Last(s Scenario) Stage { return ladders[s][len(ladders[s])-1] }

// Reached says whether the configured stage is the given one or a later one.
func (s Settings) Reached(stage Stage) bool {
	stages := ladders[s.Scenario]
	return slices.Index(stages, stage) <= slices.Index(stages, s.Stage)
}
