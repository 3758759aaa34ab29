// Package cache runs pull-through caches of image registries on a Docker engine. The nodes of many labs ask them first, so that an image
// is drawn from its registry once, however many labs there are.
package cache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// Registries are the hosts of registries that have a cache: those that the labs' images are in.
var Registries = []string{"docker.io", "ghcr.io", "quay.io", "registry.k8s.io"}

const (
	// hostLabel says of a cache which registry it is of, upstreamLabel where it draws from.
	hostLabel     = "istio-lab.cache"
	upstreamLabel = "istio-lab.cache.upstream"
	// firstPort is that of the first registry's cache; the figures of each are 10 above.
	firstPort, toFigures = 5150, 10
	// startTime bounds the wait for a cache to answer. It takes a second.
	startTime = 30 * time.Second
)

// Upstream is where a registry is, by its host.
func Upstream(host string) string {
	if host == "docker.io" {
		return "https://registry-1.docker.io"
	}
	return "https://" + host
}

// Start starts a cache for each registry, by its host, that draws from a URL, and returns the URLs at which nodes find the caches. A
// cache that runs already is left alone. The image is of the CNCF's registry, version 3.
func Start(ctx context.Context, docker *client.Client, reference string, upstreams map[string]string) (map[string]string, error) {
	if runtime.GOOS != "linux" {
		return nil, errors.New("caches need an engine that runs on this host, on Linux: nodes find them at the host's address")
	}
	at, err := bridge(ctx, docker)
	if err != nil {
		return nil, err
	}
	if _, err := docker.ImageInspect(ctx, reference); errdefs.IsNotFound(err) {
		pulled, err := docker.ImagePull(ctx, reference, image.PullOptions{})
		if err != nil {
			return nil, fmt.Errorf("pull the image of the caches: %w", err)
		}
		_, err = io.Copy(io.Discard, pulled)
		if err = errors.Join(err, pulled.Close()); err != nil {
			return nil, fmt.Errorf("pull the image of the caches: %w", err)
		}
	}
	mirrors := map[string]string{}
	for i, host := range Registries {
		address := netip.AddrPortFrom(at, uint16(firstPort+i))
		if err := start(ctx, docker, reference, host, upstreams[host], address); err != nil {
			return nil, fmt.Errorf("the cache of %s: %w", host, err)
		}
		mirrors[host] = "http://" + address.String()
	}
	return mirrors, nil
}

// bridge is the host's address on the engine's own bridge, which the nodes of every network reach.
func bridge(ctx context.Context, docker *client.Client) (netip.Addr, error) {
	found, err := docker.NetworkInspect(ctx, "bridge", network.InspectOptions{})
	if err != nil {
		return netip.Addr{}, fmt.Errorf("Docker's bridge: %w", err)
	}
	for _, config := range found.IPAM.Config {
		if at, err := netip.ParseAddr(config.Gateway); err == nil && at.Is4() {
			return at, nil
		}
		if subnet, err := netip.ParsePrefix(config.Subnet); err == nil && subnet.Addr().Is4() { // a gateway that nobody has set
			return subnet.Masked().Addr().Next(), nil
		}
	}
	return netip.Addr{}, errors.New("Docker's bridge has no IPv4 address")
}

func nameOf(host string) string { return "istio-lab-cache-" + host }

func start(ctx context.Context, docker *client.Client, reference, host, upstream string, address netip.AddrPort) error {
	switch found, err := docker.ContainerInspect(ctx, nameOf(host)); {
	case errdefs.IsNotFound(err):
	case err != nil:
		return err
	case found.Config.Labels[upstreamLabel] == upstream && found.Config.Image == reference && found.State.Running:
		return nil
	default:
		if err := docker.ContainerRemove(ctx, found.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			return err
		}
	}
	figures := netip.AddrPortFrom(address.Addr(), address.Port()+toFigures)
	// The host's network, but no more of it than an address that containers reach: a published port is kept from other networks.
	made, err := docker.ContainerCreate(ctx, &container.Config{
		Image:   reference,
		Labels:  map[string]string{hostLabel: host, upstreamLabel: upstream},
		Volumes: map[string]struct{}{"/var/lib/registry": {}},
		Env: []string{
			"REGISTRY_HTTP_ADDR=" + address.String(), "REGISTRY_PROXY_REMOTEURL=" + upstream, "OTEL_TRACES_EXPORTER=none",
			"REGISTRY_HTTP_DEBUG_ADDR=" + figures.String(), "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED=true",
		},
	}, &container.HostConfig{
		NetworkMode: "host", RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
	}, nil, nil, nameOf(host))
	if err != nil {
		return err
	}
	if err := docker.ContainerStart(ctx, made.ID, container.StartOptions{}); err != nil {
		return err
	}
	return await(ctx, "http://"+address.String()+"/v2/", nameOf(host))
}

// await waits until a cache answers.
func await(ctx context.Context, url, name string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if answer, err := get(ctx, url); err == nil {
			return answer.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing answers at %s; `docker logs %s` may say why", url, name)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func get(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response.Body, nil
}

// Figures are how many bytes a cache has drawn from its registry, and given to nodes, since it was started.
type Figures struct {
	Registry string `json:"registry"`
	Drawn    uint64 `json:"drawn"`
	Given    uint64 `json:"given"`
}

// Look returns the figures of the caches that run.
func Look(ctx context.Context, docker *client.Client) ([]Figures, error) {
	at, err := bridge(ctx, docker)
	if err != nil {
		return nil, err
	}
	running, err := docker.ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(filters.Arg("label", hostLabel))})
	if err != nil {
		return nil, err
	}
	all := []Figures{}
	for i, host := range Registries {
		for _, c := range running {
			if c.Labels[hostLabel] != host {
				continue
			}
			page, err := get(ctx, "http://"+netip.AddrPortFrom(at, uint16(firstPort+i+toFigures)).String()+"/metrics")
			if err != nil {
				return nil, fmt.Errorf("the figures of the cache of %s: %w", host, err)
			}
			figures, err := read(page)
			if err = errors.Join(err, page.Close()); err != nil {
				return nil, fmt.Errorf("the figures of the cache of %s: %w", host, err)
			}
			figures.Registry = host
			all = append(all, figures)
		}
	}
	return all, nil
}

// read reads a registry's metrics, in Prometheus' text format.
func read(page io.Reader) (f Figures, err error) {
	lines := bufio.NewScanner(page)
	for lines.Scan() {
		metric, value, _ := strings.Cut(lines.Text(), "} ")
		name, _, _ := strings.Cut(metric, "{")
		sum := map[string]*uint64{"registry_proxy_pulled_bytes_total": &f.Drawn, "registry_proxy_pushed_bytes_total": &f.Given}[name]
		if sum == nil {
			continue
		}
		bytes, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return f, fmt.Errorf("%q is no figure: %w", lines.Text(), err)
		}
		*sum += uint64(bytes)
	}
	return f, lines.Err()
}

// Remove removes the caches and what they hold, and returns how many there were.
func Remove(ctx context.Context, docker *client.Client) (int, error) {
	all, err := docker.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", hostLabel))})
	if err != nil {
		return 0, err
	}
	var problems []error
	for _, c := range all {
		problems = append(problems, docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	}
	return len(all), errors.Join(problems...)
}
