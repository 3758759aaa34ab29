package checks

import (
	"context"
	"errors"

	"github.com/docker/docker/client"

	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// Lab is a lab that is looked at. Its checks change nothing of it; what one makes in it for a moment, it takes away again. Only Clear
// takes away what is the lab's.
type Lab struct {
	settings settings.Settings
	// docker is nil in a lab on clusters of the person's own.
	docker   *client.Client
	clusters map[string]*Cluster
	guests   guests
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
	if s.OnExisting() {
		return l, nil
	}
	docker, err := preflight.Connect(ctx, s.Lab.DockerHost)
	if err != nil {
		return nil, err
	}
	l.docker = docker
	return l, nil
}

// Ingress returns the address of the ingress gateway of the first cluster.
func (l *Lab) Ingress(ctx context.Context) (string, error) {
	return members(l.settings)[0].ingress(ctx, l)
}

// Close takes away what was made to look, and ends the connections.
func (l *Lab) Close() error {
	l.guests.leave()
	if l.docker == nil {
		return nil
	}
	return l.docker.Close()
}
