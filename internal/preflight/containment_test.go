package preflight

import (
	"strings"
	"testing"

	"github.com/docker/docker/api/types/system"

	"istio-lab/internal/release"
)

func TestAHostThatTheChosenKubernetesRefusesIsNamedWithWhatToChooseInstead(t *testing.T) {
	for name, c := range map[string]struct {
		release, node, cgroups, kernel string
		want                           []string
	}{
		"current on cgroup v1":                {"current", "", "1", "6.1.0-18-amd64", []string{"cgroup v1", "up to Kubernetes 1.34", "--release book"}},
		"the book on cgroup v1":               {"book", "", "1", "6.1.0-18-amd64", nil},
		"current on cgroup v2":                {"current", "", "2", "5.4.0-1.el8.x86_64", nil},
		"current on an old kernel":            {"current", "", "2", "4.19.0-26-amd64", []string{"Kubernetes 1.36 asks for Linux 5.4 or newer", "--release book"}},
		"the book on an old kernel":           {"book", "", "1", "4.19.0-26-amd64", nil},
		"a Kubernetes to come on cgroup v2":   {"current", "kindest/node:v1.38.0", "2", "6.1.0", nil},
		"a Kubernetes that nobody can tell":   {"current", "r.example/node:mine", "1", "4.4.0", nil},
		"a host that does not say its kernel": {"current", "", "2", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			overrides := release.Overrides{Images: map[string]string{}}
			if c.node != "" {
				overrides.Images[release.Node] = c.node
			}
			r, err := release.For(c.release, overrides)
			if err != nil {
				t.Fatal(err)
			}
			info := system.Info{CgroupVersion: c.cgroups, KernelVersion: c.kernel, CPUCfsQuota: true, MemoryLimit: true, PidsLimit: true}
			var got []string
			for _, f := range []Finding{cgroups(info, r), kernel(info, r)} {
				if !f.Advice {
					t.Errorf("%s stops", f.Topic)
				}
				for _, problem := range f.Problems {
					got = append(got, problem.Error())
				}
			}
			text := strings.Join(got, "\n")
			for _, part := range c.want {
				if !strings.Contains(text, part) {
					t.Errorf("got %q, without %q", text, part)
				}
			}
			if (len(c.want) > 0) != (len(got) > 0) {
				t.Errorf("got %q", text)
			}
		})
	}
}
