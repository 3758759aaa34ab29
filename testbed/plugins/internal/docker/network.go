package docker

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// dockerNetwork is a network, as the inputs have it. Options are what Docker says; without them Pulumi's own plugin would replace it.
type dockerNetwork struct {
	Name        string            `json:"name" docker:"required,replaces"`
	Driver      string            `json:"driver" docker:"computed,replaces"`
	IPAMDriver  string            `json:"ipamDriver" docker:"fixed,replaces" default:"default"`
	IPAMConfigs []ipam            `json:"ipamConfigs" docker:"computed,replaces,set"`
	Labels      []label           `json:"labels" docker:"replaces,set"`
	Options     map[string]string `json:"options" docker:"reported"`
}

type ipam struct {
	Subnet  netip.Prefix `json:"subnet" docker:"required"`
	Gateway netip.Addr   `json:"gateway" docker:"required"`
	IPRange netip.Prefix `json:"ipRange" docker:"required"`
}

type label struct {
	Label string `json:"label" docker:"required"`
	Value string `json:"value" docker:"required"`
}

func labelsOf(labels []label) map[string]string {
	all := map[string]string{}
	for _, l := range labels {
		all[l.Label] = l.Value
	}
	return all
}

var networkType = newType[dockerNetwork](`{"schema_version":"1"}`, true)

func (in dockerNetwork) create(ctx context.Context, docker *client.Client) (string, error) {
	// Older engines make a second network of a name, unless they are asked not to, which this client does not do.
	if _, err := docker.NetworkInspect(ctx, in.Name, client.NetworkInspectOptions{}); err == nil {
		return "", fmt.Errorf("network %s is not made: network with name %[1]s already exists; remove it, or rename this one", in.Name)
	}
	options := client.NetworkCreateOptions{
		Driver: in.Driver, Labels: labelsOf(in.Labels), IPAM: &network.IPAM{Driver: in.IPAMDriver},
	}
	for _, c := range in.IPAMConfigs {
		options.IPAM.Config = append(options.IPAM.Config, network.IPAMConfig{Subnet: c.Subnet, Gateway: c.Gateway, IPRange: c.IPRange})
	}
	made, err := docker.NetworkCreate(ctx, in.Name, options)
	if err != nil {
		return "", fmt.Errorf("network %s is not made: %w", in.Name, err)
	}
	return made.ID, nil
}

func (in dockerNetwork) read(ctx context.Context, docker *client.Client, id string) (map[string]any, error) {
	found, err := docker.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := found.Network
	var labels, configs []any
	for key, value := range n.Labels {
		labels = append(labels, map[string]any{"label": key, "value": value})
	}
	options := map[string]any{}
	for key, value := range n.Options {
		options[key] = value
	}
	for _, c := range n.IPAM.Config {
		configs = append(configs, map[string]any{"subnet": text(c.Subnet), "gateway": text(c.Gateway), "ipRange": text(c.IPRange)})
	}
	return map[string]any{
		"name": n.Name, "driver": n.Driver, "ipamDriver": n.IPAM.Driver, "ipamConfigs": configs, "labels": labels, "options": options,
	}, nil
}

// update has nothing to do: every change replaces a network.
func (dockerNetwork) update(context.Context, *client.Client, string) error { return nil }

func (in dockerNetwork) remove(ctx context.Context, docker *client.Client, id string) error {
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	for {
		_, err := docker.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
		switch {
		case err == nil || errdefs.IsNotFound(err):
			return nil
		case !strings.Contains(err.Error(), "has active endpoints"):
			return fmt.Errorf("network %s is not removed: %w", in.Name, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("network %s is not removed: %w; disconnect what uses it", in.Name, err)
		case <-time.After(pollInterval):
		}
	}
}

const (
	// leaveTime is how long containers are given to leave a network that is to be removed.
	leaveTime = 30 * time.Second
	// pollInterval is between two looks at something that is waited for.
	pollInterval = 100 * time.Millisecond
)

// text is an address or a prefix, or empty where there is none.
func text(v interface {
	IsValid() bool
	String() string
}) string {
	if !v.IsValid() {
		return ""
	}
	return v.String()
}
