package docker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// dockerContainer is a container, as the inputs have it; at the end is what only Docker says of one.
type dockerContainer struct {
	Name             string            `json:"name" docker:"required,replaces"`
	Hostname         string            `json:"hostname" docker:"computed,replaces"`
	Image            string            `json:"image" docker:"required,replaces"`
	Command          []string          `json:"command" docker:"computed,replaces"`
	Envs             []string          `json:"envs" docker:"computed,replaces,set"`
	Labels           []label           `json:"labels" docker:"computed,replaces,set"`
	Privileged       bool              `json:"privileged" docker:"replaces"`
	SecurityOpts     []string          `json:"securityOpts" docker:"computed,replaces,set"`
	CgroupnsMode     string            `json:"cgroupnsMode" docker:"replaces" match:"private|host"`
	TTY              bool              `json:"tty" docker:"replaces" default:"false"`
	Init             bool              `json:"init" docker:"computed"`
	Tmpfs            map[string]string `json:"tmpfs"`
	Volumes          []volume          `json:"volumes" docker:"replaces,set,whole"`
	NetworkMode      string            `json:"networkMode" docker:"fixed,replaces" default:"bridge"`
	NetworksAdvanced []attachment      `json:"networksAdvanced" docker:"replaces,set,whole"`
	Ports            []port            `json:"ports" docker:"replaces,anyorder"`
	Uploads          []upload          `json:"uploads" docker:"replaces,set,whole"`
	Restart          string            `json:"restart" default:"no" match:"no|on-failure|always|unless-stopped"`
	MaxRetryCount    int               `json:"maxRetryCount"`
	Healthcheck      *healthcheck      `json:"healthcheck" docker:"computed"`
	Wait             bool              `json:"wait" default:"false"`
	WaitTimeout      int               `json:"waitTimeout" default:"60"`
	Start            bool              `json:"start" docker:"fixed" default:"true"`
	RemoveVolumes    bool              `json:"removeVolumes" docker:"fixed" default:"true"`
	Attach           bool              `json:"attach" docker:"fixed" default:"false"`
	Logs             bool              `json:"logs" docker:"fixed" default:"false"`
	ReadOnly         bool              `json:"readOnly" docker:"fixed" default:"false"`
	RemoveWhenDone   bool              `json:"rm" docker:"fixed" default:"false"`
	StdinOpen        bool              `json:"stdinOpen" docker:"fixed" default:"false"`
	MemoryReserved   int               `json:"memoryReservation" docker:"fixed" default:"0"`
	// With another value, a look at a container that is stopped would delete it.
	MustRun bool `json:"mustRun" docker:"required" match:"false"`
	// ReadTimeout is never used up: what is waited for is in other properties.
	ReadTimeout int `json:"containerReadRefreshTimeoutMilliseconds" docker:"fixed" default:"15000"`

	Entrypoints  []string      `json:"entrypoints" docker:"reported,replaces"`
	NetworkDatas []networkData `json:"networkDatas" docker:"reported"`
}

// networkData is where a container is on a network just now: nowhere while it is stopped.
type networkData struct {
	NetworkName         string `json:"networkName"`
	IPAddress           string `json:"ipAddress"`
	IPPrefixLength      int    `json:"ipPrefixLength"`
	Gateway             string `json:"gateway"`
	GlobalIPv6Address   string `json:"globalIpv6Address"`
	GlobalIPv6PrefixLen int    `json:"globalIpv6PrefixLength"`
	IPv6Gateway         string `json:"ipv6Gateway"`
	MACAddress          string `json:"macAddress"`
}

type volume struct {
	ContainerPath string `json:"containerPath" docker:"required" match:"/.*"`
	HostPath      string `json:"hostPath" match:"/.*"`
	ReadOnly      bool   `json:"readOnly"`
}

type attachment struct {
	Name        string     `json:"name" docker:"required"`
	IPv4Address netip.Addr `json:"ipv4Address"`
}

type port struct {
	Internal uint16     `json:"internal" docker:"required"`
	External uint16     `json:"external" docker:"required"`
	IP       netip.Addr `json:"ip" default:"0.0.0.0"`
	Protocol string     `json:"protocol" default:"tcp" match:"tcp|udp|sctp"`
}

// healthcheck's times are durations such as 5m0s.
type healthcheck struct {
	Tests         []string `json:"tests" docker:"required"`
	Interval      string   `json:"interval" default:"0s" match:"([0-9]+(ms|s|m|h))+"`
	Timeout       string   `json:"timeout" default:"0s" match:"([0-9]+(ms|s|m|h))+"`
	StartPeriod   string   `json:"startPeriod" default:"0s" match:"([0-9]+(ms|s|m|h))+"`
	StartInterval string   `json:"startInterval" docker:"fixed" default:"0s"`
	Retries       int      `json:"retries" default:"0"`
}

var containerType = newType[dockerContainer](`{"schema_version":"2"}`, true)

func (in dockerContainer) create(ctx context.Context, docker *client.Client) (string, error) {
	if _, err := pulled(ctx, docker, in.Image); err != nil {
		return "", fmt.Errorf("container %s is not made: %w", in.Name, err)
	}
	// Docker goes on making it when nobody waits any more, and then nobody would know of it.
	made, err := docker.ContainerCreate(context.WithoutCancel(ctx), in.options())
	if err != nil {
		return "", fmt.Errorf("container %s is not made: %w", in.Name, err)
	}
	if err := in.start(ctx, docker, made.ID); err != nil {
		return made.ID, fmt.Errorf("container %s is made, and %w", in.Name, err)
	}
	return made.ID, nil
}

func (in dockerContainer) read(ctx context.Context, docker *client.Client, id string) (map[string]any, error) {
	found, err := docker.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return report(found.Container), nil
}

// Docker can change no more than this; the rest is for when the container is made anew.
func (in dockerContainer) update(ctx context.Context, docker *client.Client, id string) error {
	policy := in.restartPolicy()
	if _, err := docker.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{RestartPolicy: &policy}); err != nil {
		return fmt.Errorf("container %s is not updated: %w", in.Name, err)
	}
	return nil
}

func (in dockerContainer) remove(ctx context.Context, docker *client.Client, id string) error {
	_, err := docker.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: in.RemoveVolumes})
	if err != nil {
		return fmt.Errorf("container %s is not removed: %w", in.Name, err)
	}
	return nil
}

// start brings a container that was made onto its networks, puts its files into it, and starts it.
func (in dockerContainer) start(ctx context.Context, docker *client.Client, id string) error {
	if err := in.connect(ctx, docker, id); err != nil {
		return err
	}
	if err := copyInto(ctx, docker, id, in.Uploads); err != nil {
		return err
	}
	if _, err := docker.ContainerStart(ctx, id, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("does not start: %w", err)
	}
	if !in.Wait {
		return nil
	}
	return awaitHealth(ctx, docker, id, time.Duration(in.WaitTimeout)*time.Second)
}

// connect puts a container onto its networks instead of Docker's own bridge.
func (in dockerContainer) connect(ctx context.Context, docker *client.Client, id string) error {
	if len(in.NetworksAdvanced) == 0 {
		return nil
	}
	if _, err := docker.NetworkDisconnect(ctx, in.NetworkMode, client.NetworkDisconnectOptions{Container: id}); err != nil {
		return fmt.Errorf("does not leave network %s: %w", in.NetworkMode, err)
	}
	for _, n := range in.NetworksAdvanced {
		endpoint := &network.EndpointSettings{IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: n.IPv4Address}}
		_, err := docker.NetworkConnect(ctx, n.Name, client.NetworkConnectOptions{Container: id, EndpointConfig: endpoint})
		if err != nil {
			return fmt.Errorf("does not join network %s: %w", n.Name, err)
		}
	}
	return nil
}

func (in dockerContainer) restartPolicy() container.RestartPolicy {
	return container.RestartPolicy{Name: container.RestartPolicyMode(in.Restart), MaximumRetryCount: in.MaxRetryCount}
}

func (in dockerContainer) options() client.ContainerCreateOptions {
	config := &container.Config{
		Image: in.Image, Hostname: in.Hostname, Cmd: in.Command, Env: in.Envs, Labels: labelsOf(in.Labels), Tty: in.TTY,
		ExposedPorts: network.PortSet{}, Volumes: map[string]struct{}{}, Healthcheck: in.Healthcheck.config(),
	}
	host := &container.HostConfig{
		NetworkMode: container.NetworkMode(in.NetworkMode), PortBindings: network.PortMap{}, RestartPolicy: in.restartPolicy(),
		CgroupnsMode: container.CgroupnsMode(in.CgroupnsMode), Privileged: in.Privileged, SecurityOpt: in.SecurityOpts,
		Tmpfs: in.Tmpfs, Init: &in.Init,
	}
	for _, p := range in.Ports {
		if inner, ok := network.PortFrom(p.Internal, network.IPProtocol(p.Protocol)); ok {
			config.ExposedPorts[inner] = struct{}{}
			host.PortBindings[inner] = append(host.PortBindings[inner],
				network.PortBinding{HostIP: p.IP, HostPort: strconv.Itoa(int(p.External))})
		}
	}
	for _, v := range in.Volumes {
		config.Volumes[v.ContainerPath] = struct{}{}
		if v.HostPath != "" {
			mode := "rw"
			if v.ReadOnly {
				mode = "ro"
			}
			host.Binds = append(host.Binds, strings.Join([]string{v.HostPath, v.ContainerPath, mode}, ":"))
		}
	}
	return client.ContainerCreateOptions{Name: in.Name, Config: config, HostConfig: host}
}

func (h *healthcheck) config() *container.HealthConfig {
	if h == nil {
		return nil
	}
	duration := func(text string) time.Duration {
		d, _ := time.ParseDuration(text) // the schema has looked
		return d
	}
	return &container.HealthConfig{
		Test: h.Tests, Interval: duration(h.Interval), Timeout: duration(h.Timeout), StartPeriod: duration(h.StartPeriod), Retries: h.Retries,
	}
}

// report is what Docker says of a container, by the names of the inputs.
func report(c container.InspectResponse) map[string]any {
	seen := map[string]any{
		"name": strings.TrimPrefix(c.Name, "/"), "hostname": c.Config.Hostname, "image": c.Config.Image, "tty": c.Config.Tty,
		"command": list(c.Config.Cmd), "securityOpts": list(c.HostConfig.SecurityOpt), "privileged": c.HostConfig.Privileged,
		"init": c.HostConfig.Init != nil && *c.HostConfig.Init, "networkMode": string(c.HostConfig.NetworkMode),
		"restart":       string(c.HostConfig.RestartPolicy.Name),
		"maxRetryCount": c.HostConfig.RestartPolicy.MaximumRetryCount, "ports": published(c.NetworkSettings.Ports),
		"entrypoints": list(c.Config.Entrypoint), "networkDatas": joined(c.NetworkSettings.Networks),
	}
	if len(c.HostConfig.Tmpfs) > 0 {
		tmpfs := map[string]any{}
		for path, options := range c.HostConfig.Tmpfs {
			tmpfs[path] = options
		}
		seen["tmpfs"] = tmpfs
	}
	if h := c.Config.Healthcheck; h != nil {
		seen["healthcheck"] = map[string]any{
			"tests": list(h.Test), "interval": h.Interval.String(), "timeout": h.Timeout.String(), "startPeriod": h.StartPeriod.String(),
			"startInterval": h.StartInterval.String(), "retries": h.Retries,
		}
	}
	return seen
}

// published are the ports that a container has on the host just now: none while it is stopped.
func published(ports network.PortMap) []any {
	var all []port
	for inner, bindings := range ports {
		for _, b := range bindings {
			external, _ := strconv.ParseUint(b.HostPort, 10, 16) // Docker's own, and empty for none
			all = append(all, port{inner.Num(), uint16(external), b.HostIP, string(inner.Proto())})
		}
	}
	slices.SortFunc(all, func(a, b port) int {
		return cmp.Or(cmp.Compare(a.Internal, b.Internal), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.External, b.External))
	})
	values := []any{}
	for _, p := range all {
		values = append(values, map[string]any{
			"internal": int(p.Internal), "external": int(p.External), "ip": text(p.IP), "protocol": p.Protocol,
		})
	}
	return values
}

// joined are the networks that a container is on.
func joined(networks map[string]*network.EndpointSettings) []any {
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(networks)) {
		n := networks[name]
		all = append(all, map[string]any{
			"networkName": name, "ipAddress": text(n.IPAddress), "ipPrefixLength": n.IPPrefixLen, "gateway": text(n.Gateway),
			"globalIpv6Address": text(n.GlobalIPv6Address), "globalIpv6PrefixLength": n.GlobalIPv6PrefixLen,
			"ipv6Gateway": text(n.IPv6Gateway), "macAddress": n.MacAddress.String(),
		})
	}
	return all
}

func list(texts []string) []any {
	all := []any{}
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}
