package preflight

import (
	"fmt"
	"path"
	"strings"

	"github.com/docker/docker/api/types/system"
)

const gib = 1 << 30

// What a lab needs. On the test bed a node with Istio's control plane takes 0.9 to 1.0 GiB (measured 2026-11-23); the rest of a
// node's share is for the apps and add-ons, and what is beside the nodes for mypc, the engine and the person.
const (
	memoryPerNode = 2 * gib
	memoryBeside  = 1 * gib
	// There the node image takes 0.9 GiB, and a node's volume 1.1 GiB once it holds Istio's images; the true images are larger.
	diskForCreation = 6 * gib
)

// kubelet, containerd and every pod that watches files take inotify instances, and the kernel counts them per user of the host,
// across all nodes. Known by "too many open files" and pods that restart for no other reason; the numbers are kind's advice.
var inotify = []struct {
	path   string
	enough int
}{
	{"fs/inotify/max_user_instances", 512},
	{"fs/inotify/max_user_watches", 524288},
}

// capacity looks at what the host has for the nodes.
func (c checker) capacity(info system.Info) []Finding {
	found := []Finding{c.memory(info)}
	if !c.here.local || inVM(info) {
		return found // what this host says is not about the host of the nodes
	}
	return append(found, c.disk(info), c.inotify())
}

func (c checker) memory(info system.Info) Finding {
	f := Finding{Topic: "memory", Found: InGiB(uint64(info.MemTotal)), Why: "every node runs a whole Kubernetes, and Istio's control plane"}
	if need := int64(len(c.want.Nodes)*memoryPerNode + memoryBeside); info.MemTotal < need {
		advice := "use a host with more"
		if inVM(info) {
			advice = "give it more in Docker Desktop's settings under Resources"
		}
		f.Problems = []error{fmt.Errorf("Docker has %s of memory and a lab of %d nodes needs %s; %s",
			InGiB(uint64(info.MemTotal)), len(c.want.Nodes), InGiB(uint64(need)), advice)}
	}
	return f
}

func (c checker) disk(info system.Info) Finding {
	f := Finding{Topic: "disk", Found: "not to be seen", Why: "Docker keeps the nodes there, and the nodes their images"}
	free, err := c.here.free(info.DockerRootDir)
	if err != nil {
		return f
	}
	f.Found = fmt.Sprintf("%s free for %s", InGiB(free), info.DockerRootDir)
	if free < diskForCreation {
		f.Problems = []error{fmt.Errorf("%s has %s free and creating a lab needs %s; free some, for example by `docker system prune`",
			info.DockerRootDir, InGiB(free), InGiB(diskForCreation))}
	}
	return f
}

func (c checker) inotify() Finding {
	f := Finding{Topic: "inotify", Found: "no limits", Why: "kubelet, containerd and many pods watch files by it"}
	var found []string
	for _, limit := range inotify {
		have, err := c.here.limit(limit.path)
		if err != nil {
			continue // a host without these files has no such limits
		}
		found = append(found, fmt.Sprintf("%s %d", path.Base(limit.path), have))
		if have < limit.enough {
			f.Problems = append(f.Problems, fmt.Errorf("/proc/sys/%s is %d and the nodes need %d; raise it by "+
				"`sudo sysctl -w %s=%d`, and keep it in /etc/sysctl.d", limit.path, have, limit.enough,
				strings.ReplaceAll(limit.path, "/", "."), limit.enough))
		}
	}
	if len(found) > 0 {
		f.Found = strings.Join(found, ", ")
	}
	return f
}

// inVM says whether the engine runs in Docker Desktop's virtual machine.
func inVM(info system.Info) bool { return info.OperatingSystem == "Docker Desktop" }

// InGiB is a number of bytes as people say it.
func InGiB(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/gib) }
