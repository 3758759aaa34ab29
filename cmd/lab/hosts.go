package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/docker/docker/client"

	"istio-lab/internal/allot"
	"istio-lab/internal/preflight"
	"istio-lab/internal/settings"
)

// dockerHost is a host whose Docker engine labs of a class are on; the zero one is the host that the environment names.
type dockerHost struct {
	// url is the engine's.
	url string
	// address is where the labs' ports are published, which this host and the students reach.
	address netip.Addr
}

func (h dockerHost) String() string {
	if h.url == "" {
		return "this host"
	}
	return h.url
}

// flags are the settings of a lab on the host.
func (h dockerHost) flags() []string {
	if h.url == "" {
		return nil
	}
	return []string{"--set=dockerHost=" + h.url, "--set=listenAddress=" + h.address.String()}
}

func (h dockerHost) connect(ctx context.Context) (*client.Client, error) {
	return preflight.Connect(ctx, h.url)
}

// parseHosts reads hosts such as ssh://teacher@big1, or ssh://teacher@big1=192.0.2.11 where the name does not lead to the address. Without
// any it is the one that the environment names.
func parseHosts(ctx context.Context, texts []string) ([]dockerHost, error) {
	hosts := []dockerHost{}
	for _, text := range texts {
		at, address, given := strings.Cut(text, "=")
		u, err := url.Parse(at)
		if err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("%q is not the URL of a Docker engine on a host, such as ssh://teacher@big1", at)
		}
		if !given {
			found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", u.Hostname())
			if err != nil {
				return nil, fmt.Errorf("%s: %w; name its address, as in %[1]s=192.0.2.11", at, err)
			}
			address = found[0].Unmap().String()
		}
		h := dockerHost{url: at}
		if h.address, err = netip.ParseAddr(address); err != nil {
			return nil, fmt.Errorf("%s: %q is not an address", at, address)
		}
		if slices.ContainsFunc(hosts, func(other dockerHost) bool { return other.url == at || other.address == h.address }) {
			return nil, fmt.Errorf("%s is named twice", text)
		}
		hosts = append(hosts, h)
	}
	if len(hosts) == 0 {
		hosts = append(hosts, dockerHost{})
	}
	return hosts, nil
}

// seat gives each student a host. A student whose stack names one, or is built on this one, stays there; of the others, every host gets
// as many as make it even, with those that it has.
func (r *classroom) seat(ctx context.Context, s *stack, hosts []dockerHost) error {
	r.hosts, r.mirrors, r.refused = map[int]dockerHost{}, map[int]map[string]string{}, map[int]error{}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	labs := map[string]int{} // by the engine's URL
	for student := range allot.MaxStudent + 1 {
		file, err := s.fileConfig(ctx, studentStack(student))
		if err != nil {
			r.refused[student] = err
			continue
		}
		parsed, err := settings.Parse(file.values)
		if r.mirrors[student] = parsed.Lab.Mirrors; err != nil || parsed.Lab.DockerHost == "" {
			continue // refused settings are told when its lab is built
		}
		r.hosts[student] = dockerHost{parsed.Lab.DockerHost, netip.MustParseAddr(parsed.Lab.ListenAddress)}
		labs[parsed.Lab.DockerHost]++
	}
	for _, student := range r.students {
		if _, seated := r.hosts[student]; seated || r.refused[student] != nil {
			continue
		}
		h := slices.MinFunc(hosts, func(a, b dockerHost) int { return labs[a.url] - labs[b.url] })
		if name := studentStack(student); h.url != "" && slices.Contains(names, name) {
			built, err := s.built(ctx, name)
			if err != nil {
				r.refused[student] = err
				continue
			}
			if built {
				h = dockerHost{}
			}
		}
		r.hosts[student] = h
		labs[h.url]++
	}
	return nil
}

// built says whether there is anything of one of the project's stacks.
func (s *stack) built(ctx context.Context, name string) (bool, error) {
	one := *s
	if err := one.open(ctx, name); err != nil {
		return false, err
	}
	_, deployment, err := one.exportState(ctx)
	return holds(deployment), err
}

// refuse has the labs on a host fail for a reason.
func (r *classroom) refuse(h dockerHost, reason error) {
	for _, student := range r.students {
		if r.hosts[student].url == h.url && r.refused[student] == nil {
			r.refused[student] = fmt.Errorf("%s: %w", h, reason)
		}
	}
}

// hostsOf are the hosts of some students whose labs are not refused, each once, in the students' order. One engine is one host, whatever
// address a student's lab has there.
func (r *classroom) hostsOf(students []int) (hosts []dockerHost) {
	for _, student := range students {
		h := r.hosts[student]
		known := slices.ContainsFunc(hosts, func(other dockerHost) bool { return other.url == h.url })
		if r.refused[student] == nil && !known {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
