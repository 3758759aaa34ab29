package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/components/istio"
	"istio-lab/internal/checks"
	"istio-lab/internal/settings"
)

// jobType is the type of what runs istioctl.
const jobType = "kubernetes:batch/v1:Job"

// installations returns the URNs of the Jobs that have to run again for istioctl to put back what was taken away or stopped,
// and makes way for them. The state holds the Jobs and not what istioctl makes, so that a refresh alone does not see it. A cluster
// that cannot be asked needs more than that, and a lab that is not there yet needs nothing.
func (l *lab) installations(ctx context.Context, s *stack) ([]string, error) {
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return nil, nil // the update says so
	}
	looked, err := s.look(ctx, parsed)
	if err != nil {
		return nil, nil
	}
	defer looked.Close()
	gone := looked.Uninstalled(ctx)
	if len(gone) == 0 {
		return nil, nil
	}
	_, state, err := s.exportState(ctx)
	if err != nil {
		return nil, err
	}
	var jobs []string
	for _, g := range gone {
		name := g.Cluster + "-istio"
		if g.Deployment == checks.EastWestGateway {
			name = g.Cluster + "-eastwest"
		}
		i := slices.IndexFunc(state.Resources, func(r apitype.ResourceV3) bool {
			return r.Type == jobType && r.URN.Name() == name && strings.Contains(string(r.URN.QualifiedType()), istio.InstallationType)
		})
		if i < 0 {
			continue // it is of a stage that is only about to be reached
		}
		fmt.Fprintf(l.say, "istioctl is to install anew: %v\n", g.Objection)
		if err := looked.Clear(ctx, g); err != nil {
			return nil, err
		}
		jobs = append(jobs, string(state.Resources[i].URN))
	}
	return slices.Compact(jobs), nil
}

// look connects to the clusters of the lab by the stack's outputs.
func (s *stack) look(ctx context.Context, parsed settings.Settings) (*checks.Lab, error) {
	values, err := s.outputs(ctx, true)
	if err != nil {
		return nil, err
	}
	return open(ctx, parsed, values)
}

// open connects to the clusters of the lab by a stack's outputs with their secrets.
func open(ctx context.Context, parsed settings.Settings, values map[string]any) (_ *checks.Lab, err error) {
	kubeconfigs := map[string]string{}
	for _, cluster := range parsed.Clusters() {
		if kubeconfigs[cluster.Name], err = clusterKubeconfig(values, cluster.Name, false); err != nil {
			return nil, err
		}
	}
	return checks.Open(ctx, parsed, kubeconfigs)
}
