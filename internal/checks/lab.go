package checks

import (
	"context"
	"errors"

	"github.com/docker/docker/client"

	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// Lab is a lab that is looked at. Nothing of it is changed; what a check makes in it for a moment, it takes away again.
type Lab struct {
	settings settings.Settings
	docker   *client.Client
	clusters map[string]*Cluster
}

// Open connects to the lab that the settings describe. Kubeconfigs holds one for each of its clusters, by the cluster's name;
// all that are missing or refused are reported at once. Nothing is asked of the clusters yet.
func Open(ctx context.Context, s settings.Settings, kubeconfigs map[string]string) (*Lab, error) {
	l := &Lab{settings: s, clusters: map[string]*Cluster{}}
	var problems []error
	for _, slot := range s.Clusters() {
		c, err := Connect(slot, kubeconfigs[slot.Name])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		l.clusters[slot.Name] = c
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	docker, err := preflight.Connect(ctx)
	if err != nil {
		return nil, err
	}
	l.docker = docker
	return l, nil
}

// Close ends the connections.
func (l *Lab) Close() error { return l.docker.Close() }
