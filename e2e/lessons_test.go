//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/checks"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// pupil is a person with a kubeconfig and, as far as the machine has none, programs of their own.
type pupil struct {
	*stack
	home string
}

// programs are what the lessons use besides lab, and how a node prints each of them, which has the one for itself and the other in
// the image that installs Istio.
var programs = map[string]string{
	"kubectl": `cat "$(command -v kubectl)"`,
	"istioctl": `ctr -n k8s.io images mount "$1" /mnt >/dev/null && cat /mnt/usr/local/bin/istioctl && ` +
		`ctr -n k8s.io images unmount /mnt >/dev/null`,
}

// follow types what next has said to try once it had come to a stage, and fails the test unless all of that can be done and shows what its
// page says. It tries for a minute: for so long an open connection goes on with what was there before.
func (p pupil) follow(t *testing.T, stage settings.Stage, of page, said string) {
	t.Helper()
	err := checks.Poll(t.Context(), time.Minute, func(context.Context) error {
		saw, err := p.tries(t, stage, said)
		if err != nil {
			return err
		}
		for _, pattern := range of.shows {
			if !regexp.MustCompile("(?m)" + pattern).MatchString(saw) {
				return fmt.Errorf("%s: nothing is seen of %s:\n%s", stage, pattern, saw)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bring brings the programs that the machine lacks from a node, once it has them.
func (p pupil) bring(t *testing.T, scenario settings.Scenario, stage settings.Stage) {
	t.Helper()
	node := p.slot.West.Node
	if scenario == settings.Extension {
		node = p.slot.MyK8s.Node
	}
	istioctl := bedRelease(t).Images[release.Istioctl]
	for name, print := range programs {
		file := filepath.Join(p.home, name)
		if _, err := exec.LookPath(name); err == nil {
			continue
		} else if _, err := os.Stat(file); err == nil || name == "istioctl" && stage != settings.Mesh {
			continue
		}
		program, err := exec.Command("docker", "exec", node, "sh", "-ec", print, "sh", istioctl).Output()
		if err != nil {
			t.Fatalf("%s of %s: %v", name, node, err)
		}
		if err := os.WriteFile(file, program, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// tries types what a lesson says to try, line by line, and returns what is to be seen. The error is that a command does not succeed, as some
// do not in the first seconds: an API that is announced is not yet served.
func (p pupil) tries(t *testing.T, stage settings.Stage, said string) (string, error) {
	t.Helper()
	_, lesson, found := strings.Cut(said, fmt.Sprintf("\n%s\n\n", stage))
	var script strings.Builder
	fmt.Fprintf(&script, "set -e\nshopt -s expand_aliases\neval \"$(%s env --stack %s)\"\n", mustLab(t), p.name)
	commands := 0
	for line := range strings.Lines(lesson) {
		command, isCommand := strings.CutPrefix(line, "    ")
		if !isCommand {
			if commands > 0 {
				break
			}
			continue
		}
		if commands++; strings.Contains(command, " traffic ") && !strings.Contains(command, " -n ") { // it goes on until Ctrl-C
			command = "timeout --preserve-status --signal=INT 5 " + command
		}
		script.WriteString(command)
	}
	if !found || commands == 0 {
		t.Fatalf("next to %s says nothing to try:\n%s", stage, said)
	}
	file := filepath.Join(p.home, string(stage)+".sh")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := p.command(t.Context(), "bash", file)
	c.Env = append(c.Env, "KUBECONFIG="+filepath.Join(p.home, "kubeconfig"), "PATH="+p.home+":"+os.Getenv("PATH"))
	r, err := p.record(t, c, string(stage))
	if err != nil {
		return "", fmt.Errorf("what the lesson of %s says cannot be done: %w\n%s", stage, err, script.String())
	}
	return r.stdout + r.stderr, nil
}
