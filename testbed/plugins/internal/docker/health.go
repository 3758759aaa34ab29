package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// awaitHealth waits until a container that was started is healthy. One that is unhealthy or ends is given the whole time: it may
// recover, or be started again.
func awaitHealth(ctx context.Context, docker *client.Client, id string, limit time.Duration) error {
	deadline := time.After(limit)
	for {
		found, err := docker.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return fmt.Errorf("cannot be looked at: %w", err)
		}
		health := found.Container.State.Health
		if health == nil {
			return errors.New("is to be waited for until it is healthy, and has no health check; leave out wait, or add healthcheck")
		}
		if health.Status == container.Healthy {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("is not healthy after %s", limit)
		case <-time.After(pollInterval):
		}
	}
}
