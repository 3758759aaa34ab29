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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"
)

// Registries are the hosts of registries that have a cache: those that the labs' images are in.
var Registries = []string{"docker.io", "ghcr.io", "quay.io", "registry.k8s.io"}

const (
	// hostLabel says of a cache which registry it is of.
	hostLabel = "istio-lab.cache"
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

// Serves says whether a URL is one at which Start has nodes find the cache of a registry: at an address of some host, and the port that
// is that registry's.
func Serves(registry, url string) bool {
	at, isHTTP := strings.CutPrefix(url, "http://")
	address, err := netip.ParseAddrPort(at)
	return isHTTP && err == nil && int(address.Port()) == firstPort+slices.Index(Registries, registry)
}

// Start starts a cache for each registry, by its host, that draws from a URL, and returns the URLs at which nodes find the caches: at an
// address of the engine's host, which this host reaches too, or for an engine on this host, at the address that its nodes alone reach. A
// cache that is there already is left alone, or made anew around what it holds if it listens elsewhere. The image is of the CNCF's
// registry, version 3.
func Start(
	ctx context.Context, docker *client.Client, at netip.Addr, reference string, upstreams map[string]string,
) (map[string]string, error) {
	at, err := reached(ctx, docker, at)
	if err != nil {
		return nil, err
	}
	if _, err := docker.ImageInspect(ctx, reference); errdefs.IsNotFound(err) {
		if err := pull(ctx, docker, reference); err != nil {
			return nil, fmt.Errorf("pull the image of the caches, %s: %w", reference, err)
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

func pull(ctx context.Context, docker *client.Client, reference string) error {
	progress, err := docker.ImagePull(ctx, reference, image.PullOptions{})
	if err != nil {
		return err
	}
	defer progress.Close()
	return jsonmessage.DisplayJSONMessagesStream(progress, io.Discard, 0, false, nil) // a pull that fails says so there alone
}

// reached is the given address, or the one that nodes of an engine on this host reach.
func reached(ctx context.Context, docker *client.Client, at netip.Addr) (netip.Addr, error) {
	if at.IsValid() {
		return at, nil
	}
	if runtime.GOOS != "linux" {
		return at, errors.New("caches need an engine that runs on this host, on Linux: nodes find them at the host's address")
	}
	return bridge(ctx, docker)
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

// nameOf is the name of a registry's cache, and of the volume that keeps what it holds.
func nameOf(host string) string { return "istio-lab-cache-" + host }

// start starts a cache, and makes one unless there is one of that image that listens and draws as it is to. What it holds it keeps, unless
// that is of another registry.
func start(ctx context.Context, docker *client.Client, reference, host, upstream string, address netip.AddrPort) error {
	figures, remote := netip.AddrPortFrom(address.Addr(), address.Port()+toFigures), "REGISTRY_PROXY_REMOTEURL="+upstream
	env := []string{
		"REGISTRY_HTTP_ADDR=" + address.String(), remote, "OTEL_TRACES_EXPORTER=none",
		"REGISTRY_HTTP_DEBUG_ADDR=" + figures.String(), "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED=true",
	}
	found, err := docker.ContainerInspect(ctx, nameOf(host))
	there := err == nil
	if !there && !errdefs.IsNotFound(err) {
		return err
	}
	missing := func(e string) bool { return !slices.Contains(found.Config.Env, e) }
	if there && (found.Config.Image != reference || slices.ContainsFunc(env, missing)) {
		if err := remove(ctx, docker, host, missing(remote)); err != nil {
			return err
		}
		there = false
	}
	if !there {
		// The host's network, but no more of it than an address that containers reach: a published port is kept from other networks.
		_, err := docker.ContainerCreate(ctx, &container.Config{
			Image: reference, Labels: map[string]string{hostLabel: host}, Env: env,
		}, &container.HostConfig{
			NetworkMode: "host", RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
			Mounts: []mount.Mount{{Type: mount.TypeVolume, Source: nameOf(host), Target: "/var/lib/registry"}},
		}, nil, nil, nameOf(host))
		if err != nil {
			return err
		}
	}
	if err := docker.ContainerStart(ctx, nameOf(host), container.StartOptions{}); err != nil { // one that runs is left alone
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
			return fmt.Errorf("nothing answers at %s; the log of the container %s may say why", url, name)
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

// Look returns the figures of the caches that run, at the address that Start was given.
func Look(ctx context.Context, docker *client.Client, at netip.Addr) ([]Figures, error) {
	at, err := reached(ctx, docker, at)
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
		problems = append(problems, remove(ctx, docker, c.Labels[hostLabel], true))
	}
	return len(all), errors.Join(problems...)
}

// remove removes a cache, and what it holds if that is asked for.
func remove(ctx context.Context, docker *client.Client, host string, holdings bool) error {
	// A cache from before 2026-11-24 has a volume without a name, which goes with it.
	err := docker.ContainerRemove(ctx, nameOf(host), container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil || !holdings {
		return err
	}
	return docker.VolumeRemove(ctx, nameOf(host), true)
}
