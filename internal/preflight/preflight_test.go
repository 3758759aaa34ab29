package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/system"

	"istio-lab/internal/owner"
)

var us = owner.Owner{Stack: "organization/istio-lab/dev", Origin: "ann@laptop:/home/ann/lab", Student: 3}

func want() Want {
	return Want{
		Owner: us, Clusters: []string{"west-03", "east-03"}, Nodes: []string{"west-03-control-plane", "east-03-control-plane"}, Clients: []string{"mypc-03"},
		Network: "istio-lab-03", Subnet: netip.MustParsePrefix("10.118.3.0/24"),
		ListenAddress: netip.MustParseAddr("127.0.0.1"), Ports: []int{30030, 31030, 32006},
		Mirrors: map[string]string{
			"docker.io": "http://192.0.2.1:5000", "quay.io": "http://192.0.2.1:5000", "ghcr.io": "https://mirror.example/ghcr",
		},
	}
}

// fakeEngine is Docker with what a test puts into it.
type fakeEngine struct {
	info       system.Info
	containers []container.Summary
	networks   []network.Summary
	failure    error
}

func (f *fakeEngine) Info(context.Context) (system.Info, error) { return f.info, nil }

func (f *fakeEngine) ContainerList(context.Context, container.ListOptions) ([]container.Summary, error) {
	return f.containers, f.failure
}

func (f *fakeEngine) NetworkList(context.Context, network.ListOptions) ([]network.Summary, error) {
	return f.networks, nil
}

// roomy is an engine and a host with room for everything. On the host /home/ann is the same directory as /mnt/home/ann, /gone
// is not there, and every other path is one other directory.
func roomy() (*fakeEngine, *host) {
	docker := &fakeEngine{info: system.Info{MemTotal: 16 * gib, DockerRootDir: "/var/lib/docker"}}
	return docker, &host{
		local: true, linux: true, name: "laptop",
		listen:   func(netip.AddrPort) error { return nil },
		listener: func(context.Context, int) string { return "" },
		answers:  func(context.Context, string) error { return nil },
		routes:   func() []route { return nil },
		limit:    func(string) (int, error) { return 1 << 20, nil },
		free:     func(string) (uint64, error) { return 100 * gib, nil },
		now:      func() time.Time { return time.Date(2026, 11, 23, 10, 0, 30, 0, time.UTC) },
		stat: func(path string) (fs.FileInfo, error) {
			if strings.HasPrefix(path, "/gone") {
				return nil, fmt.Errorf("stat %s: %w", path, fs.ErrNotExist)
			}
			if strings.Contains(path, "/home/ann/") {
				return os.Stat("/")
			}
			return os.Stat(os.TempDir())
		},
	}
}

func labels(o owner.Owner) map[string]string {
	all := map[string]string{}
	for _, l := range o.Labels() {
		all[l.Key] = l.Value
	}
	return all
}

func withOrigin(origin string) owner.Owner {
	return owner.Owner{Stack: us.Stack, Origin: origin, Student: us.Student}
}

func published(name string, labels map[string]string, ports ...uint16) container.Summary {
	s := container.Summary{Names: []string{"/" + name}, Image: "some:image", Status: "Up 2 hours", Labels: labels}
	for _, p := range ports {
		s.Ports = append(s.Ports, container.Port{IP: "127.0.0.1", PublicPort: p, PrivatePort: 80, Type: "tcp"})
	}
	return s
}

func subnet(name, subnet string, labels map[string]string) network.Summary {
	return network.Summary{Name: name, Labels: labels, IPAM: network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet}}}}
}

func inUse(port uint16) func(netip.AddrPort) error {
	return func(at netip.AddrPort) error {
		if at.Port() == port {
			return &os.SyscallError{Syscall: "bind", Err: syscall.EADDRINUSE}
		}
		return nil
	}
}

// silent has the mirrors at some URLs not answer.
func silent(mirrors ...string) func(context.Context, string) error {
	return func(_ context.Context, mirror string) error {
		if slices.Contains(mirrors, mirror) {
			return syscall.ECONNREFUSED
		}
		return nil
	}
}

func TestWhatIsInTheWayIsNamedWithAWayOut(t *testing.T) {
	bob := owner.Owner{Stack: "organization/istio-lab/dev", Origin: "bob@laptop:/home/bob/lab", Student: 3}
	for name, test := range map[string]struct {
		put  func(*fakeEngine, *host)
		says []string
	}{
		"another stack holds the student number": {
			func(e *fakeEngine, _ *host) {
				e.containers = []container.Summary{published("west-03-control-plane", labels(bob), 30030)}
				e.networks = []network.Summary{subnet("istio-lab-03", "10.118.3.0/24", labels(bob))}
			},
			[]string{
				"student 3 is held by", bob.Stack, bob.Origin, "container west-03-control-plane, network istio-lab-03",
				"another student number", "destroy that stack",
			},
		},
		"a stack of another name from our directory holds the student number": {
			func(e *fakeEngine, _ *host) {
				e.containers = []container.Summary{published("myk8s-03-control-plane",
					labels(owner.Owner{Stack: "organization/istio-lab/ext", Origin: us.Origin, Student: 3}))}
			},
			[]string{"organization/istio-lab/ext"},
		},
		"a container that is no lab's has a wanted name": {
			func(e *fakeEngine, _ *host) { e.containers = []container.Summary{published("mypc-03", nil)} },
			[]string{"mypc-03", "some:image", "docker rm --force --volumes mypc-03"},
		},
		"a kind cluster has a wanted node's name": {
			func(e *fakeEngine, _ *host) {
				e.containers = []container.Summary{published("west-03-control-plane", map[string]string{owner.KindLabel: "west-03"})}
			},
			[]string{"west-03-control-plane", "kind delete cluster --name west-03"},
		},
		"a network has the wanted name": {
			func(e *fakeEngine, _ *host) {
				e.networks = []network.Summary{subnet("istio-lab-03", "192.168.7.0/24", nil)}
			},
			[]string{"docker network rm istio-lab-03"},
		},
		"a network's addresses overlap": {
			func(e *fakeEngine, _ *host) { e.networks = []network.Summary{subnet("vpn", "10.0.0.0/8", nil)} },
			[]string{"10.118.3.0/24 overlap 10.0.0.0/8", "vpn", "lab.networks"},
		},
		"a container publishes a wanted port": {
			func(e *fakeEngine, _ *host) { e.containers = []container.Summary{published("web", nil, 30030)} },
			[]string{"port 30030", "container web"},
		},
		"a container publishes a wanted port everywhere": {
			func(e *fakeEngine, _ *host) {
				e.containers = []container.Summary{published("web", nil, 30030)}
				e.containers[0].Ports[0].IP = "0.0.0.0"
			},
			[]string{"port 30030", "container web"},
		},
		"a process that we may see listens at a wanted port": {
			func(_ *fakeEngine, h *host) {
				h.listen = inUse(32006)
				h.listener = func(context.Context, int) string { return "nginx (process 7)" }
			},
			[]string{"port 32006 is taken by nginx (process 7)"},
		},
		"a process that we may not see listens at a wanted port": {
			func(_ *fakeEngine, h *host) { h.listen = inUse(32006) },
			[]string{"port 32006", "sudo ss -ltnp sport = :32006"},
		},
		"the listen address is not the host's": {
			func(_ *fakeEngine, h *host) {
				h.listen = func(netip.AddrPort) error { return syscall.EADDRNOTAVAIL }
			},
			[]string{"lab.listenAddress 127.0.0.1 is not an address of this host"},
		},
		"too little memory": {
			func(e *fakeEngine, _ *host) { e.info.MemTotal = 4 * gib },
			[]string{"4.0 GiB of memory", "2 nodes needs 5.0 GiB"},
		},
		"too little memory in Docker Desktop": {
			func(e *fakeEngine, _ *host) { e.info.MemTotal, e.info.OperatingSystem = 2*gib, "Docker Desktop" },
			[]string{"Docker Desktop's settings"},
		},
		"too little disk": {
			func(_ *fakeEngine, h *host) { h.free = func(string) (uint64, error) { return 2 * gib, nil } },
			[]string{"/var/lib/docker has 2.0 GiB free", "6.0 GiB"},
		},
		"too few inotify instances": {
			func(_ *fakeEngine, h *host) {
				h.limit = func(path string) (int, error) {
					return map[string]int{"fs/inotify/max_user_instances": 128, "fs/inotify/max_user_watches": 524288}[path], nil
				}
			},
			[]string{"max_user_instances is 128", "sudo sysctl -w fs.inotify.max_user_instances=512"},
		},
		"too few inotify watches": {
			func(_ *fakeEngine, h *host) {
				h.limit = func(path string) (int, error) {
					return map[string]int{"fs/inotify/max_user_instances": 512, "fs/inotify/max_user_watches": 8192}[path], nil
				}
			},
			[]string{"sudo sysctl -w fs.inotify.max_user_watches=524288"},
		},
		"no container can be privileged": {
			func(e *fakeEngine, _ *host) {
				e.info.SecurityOptions = []string{"name=seccomp,profile=default", "name=userns"}
			},
			[]string{"none can be privileged", "take userns-remap out of /etc/docker/daemon.json"},
		},
		"Docker's clock is behind": {
			func(e *fakeEngine, _ *host) { e.info.SystemTime = "2026-11-23T10:00:00.5Z" },
			[]string{"Docker's clock is 30s behind this host's", "restarting Docker Desktop"},
		},
		"a mirror of two registries does not answer": {
			func(_ *fakeEngine, h *host) { h.answers = silent("http://192.0.2.1:5000") },
			[]string{"lab.mirrors.docker.io, lab.mirrors.quay.io: ", "http://192.0.2.1:5000 does not answer (connection refused)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			docker, here := roomy()
			test.put(docker, here)
			err := check(t.Context(), want(), docker, *here)
			if err == nil {
				t.Fatal("nothing was refused")
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if n := strings.Count(err.Error(), "\n"); n > 0 {
				t.Errorf("one thing in the way is reported as %d problems:\n%v", n+1, err)
			}
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	docker, here := roomy()
	docker.info.MemTotal = gib
	docker.containers = []container.Summary{published("mypc-03", nil), published("web", nil, 31030)}
	here.free = func(string) (uint64, error) { return 0, nil }
	here.answers = silent("http://192.0.2.1:5000", "https://mirror.example/ghcr")
	err := check(t.Context(), want(), docker, *here)
	for _, part := range []string{"mypc-03", "31030", "memory", "/var/lib/docker", "lab.mirrors.docker.io", "lab.mirrors.ghcr.io"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %s", err, part)
		}
	}
}

// ourLab is the lab of the stack, up and running.
func ourLab(o owner.Owner) *fakeEngine {
	docker, _ := roomy()
	docker.containers = []container.Summary{
		published("west-03-control-plane", labels(o), 30030), published("east-03-control-plane", labels(o), 31030, 32006),
		published("mypc-03", labels(o)),
	}
	docker.networks = []network.Summary{subnet("istio-lab-03", "10.118.3.0/24", labels(o))}
	return docker
}

func TestNothingIsInTheWay(t *testing.T) {
	empty, _ := roomy()
	crowded, _ := roomy()
	crowded.containers = []container.Summary{
		published("west-04-control-plane", labels(owner.Owner{Stack: "organization/istio-lab/b", Origin: us.Origin, Student: 4}), 30040),
		published("web", nil, 8080),
	}
	crowded.networks = []network.Summary{
		subnet("istio-lab-04", "10.118.4.0/24", nil), subnet("bridge", "172.17.0.0/16", nil), subnet("host", "", nil),
	}
	elsewhere, _ := roomy()
	elsewhere.containers = []container.Summary{published("web", nil, 30030)}
	elsewhere.containers[0].Ports[0].IP = "192.0.2.7"
	for name, docker := range map[string]*fakeEngine{
		"on an empty host": empty, "beside other students and other programs": crowded,
		"when the port is published at another address": elsewhere,
		"when the lab is there":                         ourLab(us),
		"when the clone was moved on this host":         ourLab(withOrigin("ann@laptop:/gone/lab")),
		"when the clone is reached by another path":     ourLab(withOrigin("ann@laptop:/mnt/home/ann/lab")),
	} {
		t.Run(name, func(t *testing.T) {
			_, here := roomy()
			if err := check(t.Context(), want(), docker, *here); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOurPortsAreNotTriedWhileOurContainersPublishThem(t *testing.T) {
	_, here := roomy()
	here.listen = func(at netip.AddrPort) error { return syscall.EADDRINUSE }
	if err := check(t.Context(), want(), ourLab(us), *here); err != nil {
		t.Error(err)
	}
}

func TestAStackOfTheSameNameIsOursOnlyIfItsDirectoryIsGoneFromThisHost(t *testing.T) {
	for name, test := range map[string]struct {
		origin string
		stat   error // of its directory
	}{
		"on another host":                        {"ann@desktop:/gone/lab", nil},
		"in a directory that exists":             {"bob@laptop:/home/bob/lab", nil},
		"in a directory that we may not look at": {"bob@laptop:/home/bob/lab", fs.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			_, here := roomy()
			stat := here.stat
			here.stat = func(path string) (fs.FileInfo, error) {
				if strings.HasPrefix(path, "/home/bob") && test.stat != nil {
					return nil, test.stat
				}
				return stat(path)
			}
			err := check(t.Context(), want(), ourLab(withOrigin(test.origin)), *here)
			if err == nil || !strings.Contains(err.Error(), test.origin) {
				t.Errorf("%v does not name %s", err, test.origin)
			}
		})
	}
}

func TestNeitherCapacityNorMirrorsAreAskedForOnceTheNodesAreThere(t *testing.T) {
	docker := ourLab(us)
	_, here := roomy()
	docker.info.MemTotal = 0
	here.free = func(string) (uint64, error) { return 0, nil }
	here.limit = func(string) (int, error) { return 0, nil }
	here.answers = silent("http://192.0.2.1:5000")
	if err := check(t.Context(), want(), docker, *here); err != nil {
		t.Error(err)
	}
	docker.containers = docker.containers[1:]
	if err := check(t.Context(), want(), docker, *here); err == nil {
		t.Error("a node is missing, and its need is not asked for")
	}
}

func TestARemoteEnginesHostIsNotJudgedByThisOne(t *testing.T) {
	docker, here := roomy()
	here.local = false
	here.listen = func(netip.AddrPort) error { return syscall.EADDRINUSE }
	here.free = func(string) (uint64, error) { return 0, nil }
	here.limit = func(string) (int, error) { return 0, nil }
	here.answers = silent("http://192.0.2.1:5000")
	if err := check(t.Context(), want(), docker, *here); err != nil {
		t.Error(err)
	}
}

func TestAHostWithoutInotifyLimitsIsNotRefused(t *testing.T) {
	docker, here := roomy()
	here.limit = func(string) (int, error) { return 0, fs.ErrNotExist }
	here.free = func(string) (uint64, error) { return 0, fs.ErrPermission }
	if err := check(t.Context(), want(), docker, *here); err != nil {
		t.Error(err)
	}
}

func TestAFailingEngineIsReported(t *testing.T) {
	docker, here := roomy()
	docker.failure = errors.New("internal error")
	if err := check(t.Context(), want(), docker, *here); !errors.Is(err, docker.failure) {
		t.Error(err)
	}
}

func TestAnEngineThatDoesNotAnswerIsToldApart(t *testing.T) {
	refused := errors.New("connection refused")
	for name, test := range map[string]struct {
		address string
		err     error
		says    string
	}{
		"not running":        {"unix:///var/run/docker.sock", refused, "install Docker"},
		"not permitted":      {"unix:///var/run/docker.sock", fmt.Errorf("dial: %w", syscall.EACCES), "permission denied; join its group"},
		"remote, not there":  {"tcp://192.0.2.1:2375", refused, "which lab.dockerHost or DOCKER_HOST names"},
		"the address itself": {"tcp://192.0.2.1:2375", refused, "tcp://192.0.2.1:2375"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := noEngine(test.address, test.err); !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
		})
	}
}

func TestAnEngineIsAskedForItsVersion(t *testing.T) {
	for version, says := range map[string]string{"1.40": "too old: its API is 1.40", "1.41": "", "1.52": ""} {
		t.Run(version, func(t *testing.T) {
			serve(t, version)
			docker, err := Connect(t.Context(), "")
			if err == nil {
				docker.Close()
			}
			if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
				t.Error(err)
			}
		})
	}
}
