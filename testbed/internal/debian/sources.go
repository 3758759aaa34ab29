package debian

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"istio-lab/testbed/internal/artifact"
)

// Sources is a list of the Debian archives of Release that this machine's own apt is set up with,
// so that a person's mirror is used and none is named here.
func Sources(ctx context.Context) (string, error) {
	targets, err := artifact.Output(exec.CommandContext(ctx, "apt-get", "indextargets",
		"--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", "Origin: Debian"))
	if err != nil {
		return "", err
	}
	return sources(targets)
}

// sources makes a sources.list from lines of archive, suite and component.
func sources(targets string) (string, error) {
	var lines []string
	for line := range strings.Lines(targets) {
		fields := strings.Fields(line)
		if len(fields) == 3 && (fields[1] == Release || strings.HasPrefix(fields[1], Release+"-")) {
			lines = append(lines, "deb "+strings.Join(fields, " ")+"\n")
		}
	}
	if len(lines) == 0 {
		return "", fmt.Errorf("apt knows no archive of Debian %s: add one to /etc/apt/sources.list and run apt-get update", Release)
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), ""), nil
}
