package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// nodeReady: the cluster works at all.
func nodeReady(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the API of %s answers, and its node is ready", m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			if err := l.running(ctx, m.Node, m.Address); err != nil {
				return "", err
			}
			return m.in(l).NodeReady(ctx)
		},
	}
}

// NodeReady objects unless the cluster's node is ready, and returns its version.
func (c *Cluster) NodeReady(ctx context.Context) (string, error) {
	node, err := get[corev1.Node](ctx, c, nodes, "", c.Node)
	if err != nil {
		return "", err
	}
	if isReady(*node) {
		return "Kubernetes " + node.Status.NodeInfo.KubeletVersion, nil
	}
	return "", fmt.Errorf("node %s is not ready: %+v", c.Node, node.Status.Conditions)
}

func isReady(node corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(condition corev1.NodeCondition) bool {
		return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
	})
}

// nodeRegion: the node has the labels that its workloads' locality comes from.
func nodeRegion(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the node of %s is in the region %s", m.Name, m.region),
		look: func(ctx context.Context, l *Lab) (string, error) {
			node, err := get[corev1.Node](ctx, m.in(l), nodes, "", m.Node)
			if err != nil {
				return "", err
			}
			for label, want := range map[string]string{corev1.LabelTopologyRegion: m.region, corev1.LabelTopologyZone: "0"} {
				if got := node.Labels[label]; got != want {
					return "", lasting{fmt.Errorf("the label %s of node %s is %q, not %q", label, m.Node, got, want)}
				}
			}
			return fmt.Sprintf("region %s, zone 0", m.region), nil
		},
	}
}

// reaches: a container reaches a node by its name, where istiod of the other cluster is to reach it: at its API server.
func reaches(from string, at netip.Addr, m member) Check {
	return Check{
		Claim: fmt.Sprintf("%s reaches %s at %s", from, m.Node, m.Address),
		look: func(ctx context.Context, l *Lab) (string, error) {
			if err := l.running(ctx, from, at); err != nil {
				return "", err
			}
			text, err := InContainer(ctx, l.docker, from, "curl", "-sSk", "-m3", "-o", "/dev/null", "-w", "%{remote_ip} %{http_code}",
				"https://"+m.Node+":6443/livez")
			if err != nil {
				return "", fmt.Errorf("it does not, on the Docker network %s: %w", l.settings.Slot.Network.Name, err)
			}
			if text != m.Address.String()+" 200" {
				return "", fmt.Errorf("it reaches its API at %s, not at %s with 200", text, m.Address)
			}
			return "its API is live", nil
		},
		patience: shortPatience,
	}
}

// nodesReady: a cluster of the person's own works at all.
func nodesReady(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the API of %s answers, and a node is ready", m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			all, err := list[corev1.Node](ctx, m.in(l), nodes, "", "")
			if err != nil {
				return "", err
			}
			count, version := 0, ""
			for _, node := range all {
				if isReady(node) {
					count, version = count+1, node.Status.NodeInfo.KubeletVersion
				}
			}
			if count == 0 {
				return "", fmt.Errorf("none of the %d nodes of %s is ready", len(all), m.Name)
			}
			return fmt.Sprintf("Kubernetes %s, ready: %d of %d", version, count, len(all)), nil
		},
	}
}

// serves: a pod of the other cluster reaches the API server of a cluster of the person's own, where istiod is to reach it.
func serves(m member) Check {
	return Check{
		Claim: fmt.Sprintf("%s reaches the API server of %s", m.client, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			server := m.server(l)
			// Any answer will do: whether nobody in particular may ask for its health is up to the cluster.
			status, err := l.client(m)(ctx, "curl", "-sSk", "-m5", "-o", "/dev/null", "-w", "%{http_code}", server+"/livez")
			if err != nil {
				return "", fmt.Errorf("it does not reach %s, which is lab.clusters.%s.server: %w", server, m.Manual(), err)
			}
			return status + " from " + server, nil
		},
		limit:    pullLimit,
		patience: pullPatience,
	}
}
