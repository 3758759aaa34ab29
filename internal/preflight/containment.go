package preflight

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/system"
)

// lag is how far the clock of the nodes may be behind: what this host signs before it makes them, they look at some seconds later.
const lag = 10 * time.Second

// containment looks at the engine itself: whether its containers can be nodes.
func (c checker) containment(info system.Info) []Finding {
	return []Finding{privileges(info), cgroups(info), clock(info, c.here.now())}
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

func cgroups(info system.Info) Finding {
	f := Finding{
		Topic: "cgroups", Found: fmt.Sprintf("version %s, by %s", info.CgroupVersion, info.CgroupDriver), Advice: true,
		Why: "kubelet gives each pod its share of memory, CPU and processes by them",
	}
	var without []string
	for controller, given := range map[string]bool{"cpu": info.CPUCfsQuota, "memory": info.MemoryLimit, "pids": info.PidsLimit} {
		if !given {
			without = append(without, controller)
		}
	}
	if slices.Sort(without); len(without) > 0 {
		f.Problems = []error{fmt.Errorf("Docker has no say over %s of its containers, and kubelet may not start; where Docker is "+
			"rootless, systemd has to delegate them (https://rootlesscontaine.rs/getting-started/common/cgroup2/)", strings.Join(without, ", "))}
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
