// Package drawing draws what runs and what flows at each stage of the labs, for docs/stages.md. It draws from one table of the things
// that there are and the stages that add them, which a test of package stacks holds against what the program makes.
package drawing

import (
	"fmt"
	"slices"
	"strings"

	"istio-lab/internal/settings"
)

// Thing is something that stands in the pictures from a stage on. In its texts, @ stands for the name of its cluster.
type Thing struct {
	Stage settings.Stage
	// Cluster and Namespace say where it is; without a cluster it is beside them.
	Cluster, Namespace string
	// ID is its name in the picture, Label what is read there.
	ID, Label string
	// Made are the names of the resources by which the program makes it.
	Made []string
	// configures says that it is no program, but tells one what to do.
	configures bool
}

// arrow is a request that is made, or another relation of two things, from a stage on.
type arrow struct {
	stage settings.Stage
	// until is the stage from which on it is not so any more, or not what the stages are about; empty for none.
	until          settings.Stage
	from, line, to string
	label          string
}

// What the lines of arrows mean.
const (
	asks    = "-->"
	fails   = "--x"
	mayAsk  = "-.->"
	belongs = "-.-"
)

// scene is a scenario's table.
type scene struct {
	things []Thing
	arrows []arrow
}

// scenes are the tables of the scenarios.
var scenes = map[settings.Scenario]scene{
	settings.Multicluster: {
		slices.Concat(
			[]Thing{{Stage: settings.Clusters, ID: "mypc", Label: "mypc", Made: []string{"mypc"}}},
			common([]string{"west", "east"}, settings.Clusters, settings.LoadBalancer),
			[]Thing{{
				Stage: settings.Trust, ID: "root-ca", Label: "root CA", Made: []string{"root-ca"}, configures: true,
			}},
			in([]string{"west", "east"},
				Thing{
					Stage: settings.Trust, Namespace: "istio-system", ID: "@-cacerts", Label: "cacerts<br/>intermediate of @",
					Made: []string{"@-cacerts", "@-intermediate"}, configures: true,
				},
				Thing{
					Stage: settings.Gateways, Namespace: "istio-system", ID: "@-eastwest", Label: "east-west<br/>gateway", Made: []string{"@-eastwest"},
				},
				app(settings.Locality, "simple-backend"),
			),
			in([]string{"west"}, remoteSecret("east"), app(settings.Apps, "webapp"),
				Thing{
					Stage: settings.Apps, Namespace: "istioinaction", ID: "@-catalog", Label: "catalog<br/>a name without pods",
					Made: []string{"@-catalog"}, configures: true,
				},
				Thing{
					Stage: settings.Locality, Namespace: "istioinaction", ID: "@-locality", Label: "outlier detection", Made: []string{"@-locality"},
					configures: true,
				},
			),
			in([]string{"east"}, remoteSecret("west"), app(settings.Apps, "catalog"), Thing{
				Stage: settings.Policy, Namespace: "istioinaction", ID: "@-policy", Label: "ingress gateways alone",
				Made: []string{"@-allow-only-ingress"}, configures: true,
			}),
		),
		[]arrow{
			{stage: settings.Clusters, until: settings.Apps, from: "mypc", line: asks, to: "west-node", label: "port 6443"},
			{stage: settings.Clusters, until: settings.Apps, from: "mypc", line: asks, to: "east-node", label: "port 6443"},
			{stage: settings.Clusters, from: "west-kube-ops-view", line: asks, to: "west-node"},
			{stage: settings.Clusters, from: "east-kube-ops-view", line: asks, to: "east-node"},
			{stage: settings.Trust, from: "root-ca", line: belongs, to: "west-cacerts", label: "signs"},
			{stage: settings.Trust, from: "root-ca", line: belongs, to: "east-cacerts", label: "signs"},
			{stage: settings.Mesh, from: "west-metallb", line: belongs, to: "west-ingress"},
			{stage: settings.Mesh, from: "east-metallb", line: belongs, to: "east-ingress"},
			{stage: settings.Mesh, from: "west-cacerts", line: belongs, to: "west-istiod"},
			{stage: settings.Mesh, from: "east-cacerts", line: belongs, to: "east-istiod"},
			{stage: settings.Apps, from: "mypc", line: asks, to: "west-ingress"},
			{stage: settings.Apps, from: "west-ingress", line: asks, to: "west-webapp"},
			{stage: settings.Apps, from: "west-webapp", line: belongs, to: "west-catalog", label: "knows the name"},
			{stage: settings.Discovery, from: "west-istiod", line: belongs, to: "west-remote"},
			{stage: settings.Discovery, from: "east-istiod", line: belongs, to: "east-remote"},
			{stage: settings.Discovery, from: "west-remote", line: asks, to: "east-node", label: "istiod reads"},
			{stage: settings.Discovery, from: "east-remote", line: asks, to: "west-node", label: "istiod reads"},
			{
				stage: settings.Discovery, until: settings.Gateways, from: "west-webapp", line: fails, to: "east-catalog",
				label: "knows the address, has no route",
			},
			{stage: settings.Gateways, from: "west-webapp", line: asks, to: "east-eastwest", label: "mutual TLS, port 15443"},
			{stage: settings.Gateways, from: "east-eastwest", line: asks, to: "east-catalog"},
			{stage: settings.Locality, from: "west-locality", line: belongs, to: "west-ingress"},
			{stage: settings.Locality, from: "west-ingress", line: asks, to: "west-simple-backend", label: "the near one"},
			{stage: settings.Locality, from: "west-ingress", line: mayAsk, to: "east-eastwest", label: "when west fails"},
			{stage: settings.Locality, from: "east-eastwest", line: mayAsk, to: "east-simple-backend"},
			{stage: settings.Policy, from: "east-policy", line: belongs, to: "east-simple-backend"},
			{stage: settings.Policy, from: "east-catalog", line: fails, to: "east-simple-backend", label: "403, as for any other pod"},
		},
	},
	settings.Extension: {
		slices.Concat(
			[]Thing{{Stage: settings.Cluster, ID: "mypc", Label: "mypc", Made: []string{"mypc"}}},
			common([]string{"myk8s"}, settings.Cluster, settings.Cluster),
			in([]string{"myk8s"},
				Thing{Stage: settings.Cluster, Namespace: "kube-system", ID: "@-metrics", Label: "metrics-server", Made: []string{"@-metrics-server"}},
				Thing{Stage: settings.Mesh, Namespace: "istio-system", ID: "@-egress", Label: "egress<br/>gateway", Made: []string{"@-istio"}},
				app(settings.Apps, "webapp"), app(settings.Apps, "catalog"), app(settings.Apps, "httpbin"), app(settings.Apps, "sleep"),
				filter(settings.Tap, "tap", "tap filter", "@-tap-filter"),
				filter(settings.RateLimit, "limits", "rate limit filter", "@-catalog-ratelimit-filter", "@-catalog-ratelimit-actions"),
				app(settings.RateLimit, "ratelimit"),
				Thing{
					Stage: settings.RateLimit, Namespace: "istioinaction", ID: "@-redis", Label: "redis", Made: []string{"@-ratelimit-redis"},
				},
				filter(settings.Lua, "lua", "Lua filter", "@-httpbin-lua-extension"),
				app(settings.Lua, "bucket-tester"),
				filter(settings.Wasm, "wasm", "Wasm filter", "@-wasm"),
			),
			[]Thing{{Stage: settings.Wasm, ID: "wasm-server", Label: "wasm-server", Made: []string{"myk8s-wasm-server"}}},
		),
		[]arrow{
			{stage: settings.Cluster, until: settings.Apps, from: "mypc", line: asks, to: "myk8s-node", label: "port 6443"},
			{stage: settings.Cluster, from: "myk8s-kube-ops-view", line: asks, to: "myk8s-node"},
			{stage: settings.Mesh, from: "myk8s-metallb", line: belongs, to: "myk8s-ingress"},
			{stage: settings.Apps, from: "mypc", line: asks, to: "myk8s-ingress"},
			{stage: settings.Apps, from: "myk8s-ingress", line: asks, to: "myk8s-webapp"},
			{stage: settings.Apps, from: "myk8s-webapp", line: asks, to: "myk8s-catalog"},
			{stage: settings.Apps, from: "myk8s-sleep", line: asks, to: "myk8s-httpbin"},
			{stage: settings.Tap, from: "myk8s-webapp", line: belongs, to: "myk8s-tap"},
			{stage: settings.RateLimit, from: "myk8s-catalog", line: belongs, to: "myk8s-limits"},
			{stage: settings.RateLimit, from: "myk8s-limits", line: asks, to: "myk8s-ratelimit", label: "may it pass?"},
			{stage: settings.RateLimit, from: "myk8s-ratelimit", line: asks, to: "myk8s-redis", label: "counts"},
			{stage: settings.Lua, from: "myk8s-httpbin", line: belongs, to: "myk8s-lua"},
			{stage: settings.Lua, from: "myk8s-lua", line: asks, to: "myk8s-bucket-tester", label: "which group?"},
			{stage: settings.Wasm, from: "myk8s-httpbin", line: belongs, to: "myk8s-wasm"},
			{stage: settings.Wasm, from: "myk8s-wasm", line: asks, to: "wasm-server", label: "fetches"},
		},
	},
}

// common is what the clusters of both scenarios have.
func common(clusters []string, first, balanced settings.Stage) []Thing {
	return in(clusters,
		Thing{Stage: first, ID: "@-node", Label: "@-control-plane<br/>API server", Made: []string{"@"}},
		Thing{Stage: first, Namespace: "kube-system", ID: "@-kube-ops-view", Label: "kube-ops-view", Made: []string{"@-kube-ops-view"}},
		Thing{
			Stage: balanced, Namespace: "metallb-system", ID: "@-metallb", Label: "MetalLB<br/>a pool of addresses",
			Made: []string{"@-metallb-controller", "@-metallb-speaker"},
		},
		Thing{Stage: settings.Mesh, Namespace: "istio-system", ID: "@-istiod", Label: "istiod", Made: []string{"@-istio"}},
		Thing{Stage: settings.Mesh, Namespace: "istio-system", ID: "@-ingress", Label: "ingress<br/>gateway", Made: []string{"@-istio"}},
		Thing{
			Stage: settings.Mesh, Namespace: "istio-system", ID: "@-addons", Label: "Prometheus<br/>Grafana<br/>Kiali<br/>Jaeger",
			Made: []string{"@-prometheus", "@-grafana", "@-kiali", "@-jaeger"},
		},
	)
}

// remoteSecret is that by which istiod reads another cluster.
func remoteSecret(of string) Thing {
	return Thing{
		Stage: settings.Discovery, Namespace: "istio-system", ID: "@-remote", Label: "remote secret<br/>of " + of, Made: []string{"@-reads-" + of},
		configures: true,
	}
}

// app is an application.
func app(stage settings.Stage, name string) Thing {
	return Thing{Stage: stage, Namespace: "istioinaction", ID: "@-" + name, Label: name, Made: []string{"@-" + name}}
}

// filter is one in the sidecar of an application.
func filter(stage settings.Stage, name, label string, made ...string) Thing {
	return Thing{Stage: stage, Namespace: "istioinaction", ID: "@-" + name, Label: label, Made: made, configures: true}
}

// in puts things into each of the clusters.
func in(clusters []string, things ...Thing) (all []Thing) {
	for _, cluster := range clusters {
		named := func(text string) string { return strings.ReplaceAll(text, "@", cluster) }
		for _, t := range things {
			t.Cluster, t.ID, t.Label, t.Made = cluster, named(t.ID), named(t.Label), slices.Clone(t.Made)
			for i := range t.Made {
				t.Made[i] = named(t.Made[i])
			}
			all = append(all, t)
		}
	}
	return all
}

// Things are those of a scenario's last stage.
func Things(scenario settings.Scenario) []Thing { return slices.Clone(scenes[scenario].things) }

// Picture draws a stage as a Mermaid flowchart, in which what it adds is of the class new.
func Picture(scenario settings.Scenario, stage settings.Stage) string {
	now := settings.Settings{Scenario: scenario, Stage: stage}
	var added, linked []string
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	at := func(cluster, namespace, indent string) {
		for _, t := range scenes[scenario].things {
			if t.Cluster != cluster || t.Namespace != namespace || !now.Reached(t.Stage) {
				continue
			}
			shape := `%s%s["%s"]` + "\n"
			if t.configures {
				shape = `%s%s{{"%s"}}` + "\n"
			}
			fmt.Fprintf(&b, shape, indent, t.ID, t.Label)
			if t.Stage == stage {
				added = append(added, t.ID)
			}
		}
	}
	at("", "", "  ")
	for _, cluster := range clusters(scenario) {
		fmt.Fprintf(&b, "  subgraph %s[\"%[1]s\"]\n", cluster)
		at(cluster, "", "    ")
		for _, namespace := range namespaces(now, cluster) {
			fmt.Fprintf(&b, "    subgraph %s-%s[\"%[2]s\"]\n", cluster, namespace)
			at(cluster, namespace, "      ")
			b.WriteString("    end\n")
		}
		b.WriteString("  end\n")
	}
	drawn := 0
	for _, a := range scenes[scenario].arrows {
		if !now.Reached(a.stage) || a.until != "" && now.Reached(a.until) {
			continue
		}
		label := ""
		if a.label != "" {
			label = fmt.Sprintf("|%q|", a.label)
		}
		fmt.Fprintf(&b, "  %s %s%s %s\n", a.from, a.line, label, a.to)
		if a.stage == stage {
			linked = append(linked, fmt.Sprint(drawn))
		}
		drawn++
	}
	b.WriteString("  classDef new fill:#b2f2bb,stroke:#2b8a3e,stroke-width:2px,color:#000\n")
	fmt.Fprintf(&b, "  class %s new\n", strings.Join(added, ","))
	if len(linked) > 0 {
		fmt.Fprintf(&b, "  linkStyle %s stroke:#2b8a3e,stroke-width:2px\n", strings.Join(linked, ","))
	}
	return b.String()
}

// clusters are those of a scenario.
func clusters(scenario settings.Scenario) (all []string) {
	for _, t := range scenes[scenario].things {
		if t.Cluster != "" && !slices.Contains(all, t.Cluster) {
			all = append(all, t.Cluster)
		}
	}
	return all
}

// namespaces are those of a cluster that something is in.
func namespaces(now settings.Settings, cluster string) (all []string) {
	for _, t := range scenes[now.Scenario].things {
		if t.Cluster == cluster && t.Namespace != "" && now.Reached(t.Stage) && !slices.Contains(all, t.Namespace) {
			all = append(all, t.Namespace)
		}
	}
	return all
}

// Document is docs/stages.md. Adds says in a line what a stage adds.
func Document(adds func(settings.Scenario, settings.Stage) string) string {
	var b strings.Builder
	b.WriteString(`<!-- Drawn by internal/drawing: go test ./internal/drawing -update -->

# The stages in pictures

What a stage adds is green. Boxes run; what has six corners tells another what to do. The requests are those that the stage is about:
a crossed arrow is one that fails, a dotted arrow one that is made when another fails. A dotted line joins what belongs together.
`)
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		fmt.Fprintf(&b, "\n## %s\n", scenario)
		for i, stage := range settings.Stages(scenario) {
			fmt.Fprintf(&b, "\n### %d. %s\n\nNew: %s.\n\n```mermaid\n%s```\n", i+1, stage, adds(scenario, stage), Picture(scenario, stage))
		}
	}
	return b.String()
}
