package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// Docker goes on making a container when the engine that asked for it is killed, and shows it only once it is complete: most of
// the time goes into the copy of a node's /var, measured 8 s for two at once.
const creationTime = 30 * time.Second

// prepare makes a stack whose last command was killed, or whose containers were stopped, ready for the next. It says whether the
// state has to be refreshed, because a container that it holds is gone. Without wake its containers are about to be destroyed.
func (s *stack) prepare(ctx context.Context, wake bool) (refresh bool, err error) {
	files, isFile := s.stateFiles()
	if isFile {
		if err := files.Stack(s.Name()).ReleaseLocks(ctx, s.say); err != nil {
			return false, err
		}
	}
	state, deployment, err := s.exportState(ctx)
	if err != nil {
		return false, err
	}
	creates, containers := pendingCreates(deployment), known(deployment)
	if len(creates)+len(containers) > 0 {
		docker, err := preflight.Connect(ctx, s.dockerHost(deployment))
		if err != nil {
			return false, err
		}
		defer docker.Close()
		if err := removeUnfinished(ctx, docker, creates, deployment.Manifest.Time, s.say); err != nil {
			return false, err
		}
		if refresh, err = checkContainers(ctx, docker, containers, s.wakes(containers, wake), s.say); err != nil {
			return false, err
		}
		if !wake && !refresh && isFile { // elsewhere only the engine knows whether another command works on the stack
			kill(ctx, docker, containers)
		}
	}
	// What was being created in a cluster is applied again, which an object that exists already takes as an update.
	if len(deployment.PendingOperations) > 0 {
		if err := s.dropPending(ctx, state); err != nil {
			return false, err
		}
	}
	if wake {
		err = s.unblock(ctx, deployment)
	}
	return refresh, err
}

// wakes says of which containers those that are stopped are started: of those that are to stay.
func (s *stack) wakes(containers []object, wake bool) func(object) bool {
	var gone []object
	if parsed, err := settings.Parse(s.config); err == nil {
		gone = leaving(containers, parsed)
	}
	return func(o object) bool {
		return wake && !slices.ContainsFunc(gone, func(one object) bool { return one.id == o.id })
	}
}

// unblock destroys the nodes that cannot start because of a node of the other scenario. The update then finds that one under the name of its
// replacement, and deletes it first.
func (s *stack) unblock(ctx context.Context, deployment apitype.DeploymentV3) error {
	parsed, err := settings.Parse(s.config)
	if err != nil {
		return nil // the update says so
	}
	urns := blocked(deployment, parsed)
	if len(urns) == 0 {
		return nil
	}
	for _, urn := range urns {
		fmt.Fprintf(s.say, "%s was left half made by a change of the scenario that failed: removed\n", urnName(urn))
	}
	_, err = s.Destroy(ctx, optdestroy.Target(urns), optdestroy.Color("never"))
	return plain(err)
}

// removeUnfinished removes from Docker what a killed engine was making and has no record of. Saved is when it last wrote its
// state.
func removeUnfinished(ctx context.Context, docker *client.Client, creates []object, saved time.Time, say io.Writer) error {
	until := saved.Add(creationTime)
	for _, o := range creates {
		labels, err := find(ctx, docker, o)
		for waited := false; errdefs.IsNotFound(err) && o.typ == containerType && time.Now().Before(until); {
			if !waited {
				fmt.Fprintf(say, "%s was being created when the last command was killed: waiting until Docker shows it, or %s\n",
					o.name, seconds(time.Until(until)))
				waited = true
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(200 * time.Millisecond):
			}
			labels, err = find(ctx, docker, o)
		}
		switch {
		case errdefs.IsNotFound(err):
			continue
		case err != nil:
			return fmt.Errorf("look for %s in Docker: %w", o.name, err)
		case !sameOwner(labels, o.labels):
			continue // not what this stack was making; the check of the host will name it
		}
		if o.typ == containerType {
			err = docker.ContainerRemove(ctx, o.name, container.RemoveOptions{Force: true, RemoveVolumes: true})
		} else {
			err = docker.NetworkRemove(ctx, o.name)
		}
		if err != nil {
			return fmt.Errorf("remove %s, which a killed command has left half made: %w", o.name, err)
		}
		fmt.Fprintf(say, "%s was left half made by a killed command: removed\n", o.name)
	}
	return nil
}

// kill ends containers that are about to be destroyed, which takes a node a second, while the engine starts. What a destroy
// that fails leaves is stopped, and the next up starts it.
func kill(ctx context.Context, docker *client.Client, containers []object) {
	for _, o := range containers {
		go func() { _ = docker.ContainerKill(ctx, o.id, "KILL") }() // whatever is wrong, the engine runs into it too
	}
}

// find returns the labels of a container or a network.
func find(ctx context.Context, docker *client.Client, o object) (map[string]string, error) {
	if o.typ == networkType {
		n, err := docker.NetworkInspect(ctx, o.name, network.InspectOptions{})
		return n.Labels, err
	}
	c, err := docker.ContainerInspect(ctx, o.name)
	if err != nil {
		return nil, err
	}
	return c.Config.Labels, nil
}

// sameOwner says whether the labels in Docker are those that the operation was about to give.
func sameOwner(have, want map[string]string) bool {
	for _, label := range []string{owner.StackLabel, owner.OriginLabel, owner.StudentLabel} {
		if want[label] == "" || have[label] != want[label] {
			return false
		}
	}
	return true
}

// checkContainers looks at the containers that the state holds. It starts those that are stopped and to wake, and waits until they
// are ready: a refresh would plan to replace a stopped node, and to forget what is in a cluster that does not answer.
func checkContainers(ctx context.Context, docker *client.Client, containers []object, wakes func(object) bool, say io.Writer,
) (missing bool, err error) {
	for _, o := range containers {
		c, err := docker.ContainerInspect(ctx, o.id)
		if errdefs.IsNotFound(err) {
			fmt.Fprintf(say, "%s is gone from Docker: refreshing the state first\n", o.name)
			missing = true
			continue
		}
		if err != nil {
			return false, fmt.Errorf("look for %s in Docker: %w", o.name, err)
		}
		if !wakes(o) {
			continue
		}
		if !c.State.Running {
			if err := docker.ContainerStart(ctx, o.id, container.StartOptions{}); err != nil {
				return false, fmt.Errorf("%s is stopped and does not start: %w", o.name, err)
			}
			fmt.Fprintf(say, "%s was stopped: started\n", o.name)
		}
		if err := awaitReady(ctx, docker, o, say); err != nil {
			return false, err
		}
	}
	return missing, nil
}

// stopped names the containers that the state holds and that do not run. Where Docker does not answer, none is known.
func (s *stack) stopped(ctx context.Context) (names []string) {
	_, deployment, err := s.exportState(ctx)
	if err != nil || len(known(deployment)) == 0 {
		return nil // there is no stack yet, or nothing of it in Docker
	}
	docker, err := preflight.Connect(ctx, s.dockerHost(deployment))
	if err != nil {
		return nil
	}
	defer docker.Close()
	for _, o := range known(deployment) {
		c, err := docker.ContainerInspect(ctx, o.id)
		if errdefs.IsNotFound(err) || err == nil && !c.State.Running {
			names = append(names, o.name)
		}
	}
	return names
}

// bootTime bounds the wait for a node that was started again; it finds its cluster made, and needs 10 to 20 s.
const bootTime = 3 * time.Minute

// awaitReady waits while a container is starting. One that turns out unhealthy is left to the update that follows.
func awaitReady(ctx context.Context, docker *client.Client, o object, say io.Writer) error {
	for start, said := time.Now(), false; time.Since(start) < bootTime; {
		c, err := docker.ContainerInspect(ctx, o.id)
		if err != nil {
			return fmt.Errorf("look for %s in Docker: %w", o.name, err)
		}
		if c.State.Health == nil || c.State.Health.Status != container.Starting {
			return nil
		}
		if !said {
			fmt.Fprintf(say, "%s is starting: waiting until it is ready\n", o.name)
			said = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// whyNotReady tells from the Docker engine at a URL, or the one that the environment names, what kept a container from becoming ready;
// empty where Docker does not know.
func whyNotReady(ctx context.Context, dockerHost, name string) string {
	docker, err := preflight.Connect(ctx, dockerHost)
	if err != nil {
		return ""
	}
	defer docker.Close()
	c, err := docker.ContainerInspect(ctx, name)
	if err != nil {
		return ""
	}
	if c.State.Error != "" {
		return "" // Docker did not start it, and the engine has said why
	}
	if !c.State.Running {
		return fmt.Sprintf("the container ended with exit code %d; `%s logs %s` shows its last words",
			c.State.ExitCode, preflight.Docker(dockerHost), name)
	}
	if c.State.Health == nil || len(c.State.Health.Log) == 0 {
		return ""
	}
	last := c.State.Health.Log[len(c.State.Health.Log)-1]
	return "its last health check says: " + strings.TrimSpace(last.Output)
}
