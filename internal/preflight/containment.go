package preflight

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/system"

	"istio-lab/internal/release"
)

// lag is how far the clock of the nodes may be behind: what this host signs before it makes them, they look at some seconds later.
const lag = 10 * time.Second

// containment looks at the engine itself: whether its containers can be nodes.
func (c checker) containment(info system.Info) []Finding {
	return []Finding{privileges(info), cgroups(info, c.want.Release), kernel(info, c.want.Release), clock(info, c.here.now())}
}

func privileges(info system.Info) Finding {
	f := Finding{Topic: "privileges", Found: "containers may be privileged", Why: "a node runs systemd and containerd"}
	secured := func(by string) bool {
		return slices.ContainsFunc(info.SecurityOptions, func(option string) bool { return strings.HasPrefix(option, "name="+by) })
	}
	switch {
	case secured("userns"):
		f.Found = "containers have a user namespace of their own"
		f.Problems = []error{errors.New("Docker maps the users of containers to others (userns-remap), and then none can be privileged; " +
			"take userns-remap out of /etc/docker/daemon.json and restart Docker")}
	case secured("rootless"):
		f.Found = "rootless"
	}
	return f
}

// lastTestedOnV1 is the newest minor version of Kubernetes whose node images kind tested on hosts of cgroup v1
// (kubernetes-sigs/kind#4077). Since 1.35 kubelet refuses such a host unless its configuration says otherwise, as the lab's does.
const lastTestedOnV1 = 34

func cgroups(info system.Info, of release.Release) Finding {
	f := Finding{
		Topic: "cgroups", Found: fmt.Sprintf("version %s, by %s", info.CgroupVersion, info.CgroupDriver), Advice: true,
		Why: "kubelet gives each pod its share of memory, CPU and processes by them",
	}
	if minor, _ := of.Versions().KubernetesMinor(); minor > lastTestedOnV1 && info.CgroupVersion == "1" {
		f.Problems = []error{fmt.Errorf("Docker's host has cgroup v1, which Kubernetes and systemd give up: kind tests its node images there up to "+
			"Kubernetes 1.%d; where a node of 1.%d does not start, boot the host with cgroup v2 (kernel parameter "+
			"systemd.unified_cgroup_hierarchy=1), or choose an older Kubernetes: --release book, or the setting images.node",
			lastTestedOnV1, minor)}
	}
	var without []string
	for controller, given := range map[string]bool{"cpu": info.CPUCfsQuota, "memory": info.MemoryLimit, "pids": info.PidsLimit} {
		if !given {
			without = append(without, controller)
		}
	}
	if slices.Sort(without); len(without) > 0 {
		f.Problems = append(f.Problems, fmt.Errorf("Docker has no say over %s of its containers, and kubelet may not start; where Docker is "+
			"rootless, systemd has to delegate them (https://rootlesscontaine.rs/getting-started/common/cgroup2/)", strings.Join(without, ", ")))
	}
	return f
}

// kernelFor are the oldest kernels that versions of Kubernetes ask for, by the minor version that began to: what kubeadm checks before it
// sets up a machine (k8s.io/system-validators v1.12.1, of Kubernetes 1.36).
var kernelFor = []struct{ kubernetes, major, minor int }{{36, 5, 4}}

// kernel looks whether the kernel of the engine's host, which the nodes share, is new enough.
func kernel(info system.Info, of release.Release) Finding {
	f := Finding{Topic: "kernel", Found: info.KernelVersion, Why: "the nodes have no other", Advice: true}
	kubernetes, known := of.Versions().KubernetesMinor()
	var major, minor int
	if _, err := fmt.Sscanf(info.KernelVersion, "%d.%d", &major, &minor); err != nil || !known {
		return f
	}
	for _, needs := range kernelFor {
		if kubernetes >= needs.kubernetes && (major < needs.major || major == needs.major && minor < needs.minor) {
			f.Problems = []error{fmt.Errorf("Kubernetes 1.%d asks for Linux %d.%d or newer, and Docker's host has %s; update it, or choose an "+
				"older Kubernetes: --release book, or the setting images.node", kubernetes, needs.major, needs.minor, info.KernelVersion)}
		}
	}
	return f
}

func clock(info system.Info, now time.Time) Finding {
	f := Finding{Topic: "clock", Found: "as this host's", Why: "certificates are made here, and valid from now on"}
	there, err := time.Parse(time.RFC3339Nano, info.SystemTime)
	if err != nil {
		return f // the engine does not say
	}
	if behind := now.Sub(there).Round(time.Second); behind > lag {
		f.Found = fmt.Sprintf("%s behind this host's", behind)
		f.Problems = []error{fmt.Errorf("Docker's clock is %s behind this host's, so that certificates made here are not valid there yet; "+
			"set it by restarting Docker Desktop, or by `sudo timedatectl set-ntp true` on Docker's host", behind)}
	}
	return f
}
