package stacks

import (
	"fmt"
	"slices"
	"strings"

	"istio-lab/internal/allot"
)

// picture draws the clusters of a stack with their addresses and ports, as a Mermaid flowchart.
type picture struct {
	network  allot.Network
	client   allot.Container
	clusters []allot.Cluster
	// parts are what is in each cluster, by the cluster's name.
	parts map[string][]string
	// joined says that the clusters reach each other through east-west gateways.
	joined bool
}

func (p *picture) cluster(c allot.Cluster) {
	if p.parts == nil {
		p.parts = map[string][]string{}
	}
	p.clusters = append(p.clusters, c)
}

func (p *picture) part(c allot.Cluster, text string) { p.parts[c.Name] = append(p.parts[c.Name], text) }

// String is the picture's text.
func (p *picture) String() string {
	var b strings.Builder
	b.WriteString("flowchart TB\n")
	fmt.Fprintf(&b, "  subgraph network[\"Docker network %s, %s\"]\n", p.network.Name, p.network.Subnet)
	fmt.Fprintf(&b, "    client[\"%s<br/>%s\"]\n", p.client.Name, p.client.Address)
	for i, c := range p.clusters {
		parts := slices.Sorted(slices.Values(p.parts[c.Name]))
		lines := append([]string{fmt.Sprintf("%s %s", c.Node, c.Address), fmt.Sprintf("API :%d", c.APIPort)}, parts...)
		lines = append(lines, "pool "+c.Pool.String())
		fmt.Fprintf(&b, "    cluster%d[\"<b>%s</b><br/>%s\"]\n", i, c.Name, strings.Join(lines, "<br/>"))
	}
	b.WriteString("  end\n")
	b.WriteString("  host([\"this host\"])\n")
	for i := range p.clusters {
		fmt.Fprintf(&b, "  host --> cluster%d\n  client --> cluster%d\n", i, i)
	}
	if p.joined {
		b.WriteString("  cluster0 <-->|\"mutual TLS\"| cluster1\n")
	}
	return b.String()
}
