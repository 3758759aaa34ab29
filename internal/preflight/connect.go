package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/docker/cli/cli/connhelper"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"
)

// Docker 20.10: the first whose API can give a container a cgroup namespace of its own, which a node needs.
const (
	oldestAPI    = "1.41"
	oldestEngine = "20.10"
)

// Docker is the beginning of a command of docker's on the engine at a URL, or without one on that which the environment names.
func Docker(url string) string {
	if url != "" {
		return "docker --host=" + url
	}
	return "docker"
}

// Connect returns a client of the engine at a URL, or without one of that which DOCKER_HOST names or of the local one, when it answers
// and is new enough.
func Connect(ctx context.Context, at string) (*client.Client, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if at != "" {
		options = append(options, client.WithHost(at))
	}
	docker, err := client.NewClientWithOpts(options...)
	if err != nil && at != "" {
		return nil, fmt.Errorf("lab.dockerHost %s is refused: %w; write it as ssh://ann@big1 or tcp://192.0.2.11:2375", at, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the Docker settings of the environment are refused: %w; correct or unset DOCKER_HOST, "+
			"DOCKER_CERT_PATH, DOCKER_TLS_VERIFY and DOCKER_API_VERSION", err)
	}
	address := addressOf(at)
	if docker, err = overSSH(docker); err != nil {
		return nil, err
	}
	ping, err := docker.Ping(ctx)
	if err == nil && versions.LessThan(ping.APIVersion, oldestAPI) {
		err = fmt.Errorf("the Docker engine at %s is too old: its API is %s, and the nodes need %s; update Docker to %s or newer",
			address, ping.APIVersion, oldestAPI, oldestEngine)
	} else if err != nil {
		err = noEngine(address, err)
	}
	if err != nil {
		docker.Close()
		return nil, err
	}
	return docker, nil
}

// overSSH replaces a client for an ssh:// host by one that reaches it: the library itself knows sockets only. What that one takes for its
// host is nobody's address.
func overSSH(docker *client.Client) (*client.Client, error) {
	helper, err := connhelper.GetConnectionHelper(docker.DaemonHost())
	if helper == nil || err != nil {
		return docker, err
	}
	return client.NewClientWithOpts(client.WithHost(helper.Host), client.WithDialContext(helper.Dialer),
		client.WithAPIVersionNegotiation())
}

// noEngine says why the engine at an address does not answer, and what to do.
func noEngine(address string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "permission denied"):
		return fmt.Errorf("you may not use the Docker engine at %s: permission denied; join its group by "+
			"`sudo usermod -aG docker $USER` and log in again, or use rootless Docker", address)
	case isLocal(address):
		return fmt.Errorf("no Docker engine answers at %s; install Docker (https://docs.docker.com/get-docker/) or start it "+
			"(`sudo systemctl start docker`, or Docker Desktop); if `docker context ls` shows another endpoint in use, "+
			"set DOCKER_HOST to that: %w", address, err)
	default:
		return fmt.Errorf("no Docker engine answers at %s, which lab.dockerHost or DOCKER_HOST names; see to it that `%s version` "+
			"succeeds, or leave it out to use the local one: %w", address, Docker(address), err)
	}
}

// addressOf is where Connect looks for an engine.
func addressOf(at string) string {
	return cmp.Or(at, os.Getenv(client.EnvOverrideHost), client.DefaultDockerHost)
}

// Local says whether an engine runs on this host, or in a virtual machine that shares the host's ports.
func Local(docker *client.Client) bool { return isLocal(docker.DaemonHost()) }

// isLocal says whether the engine at an address runs on this host, or in a virtual machine that shares the host's ports.
func isLocal(address string) bool {
	return strings.HasPrefix(address, "unix://") || strings.HasPrefix(address, "npipe://")
}
