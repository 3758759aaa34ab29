// Package machine looks at the machine that the test bed runs on, and brings it what it lacks.
package machine

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// LacksSysResource tells whether this machine withholds CAP_SYS_RESOURCE from everything that runs on it, as some virtual machines do.
func LacksSysResource() (bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	return lacksSysResource(string(status))
}

// lacksSysResource reads the bounding set from a process's status.
func lacksSysResource(status string) (bool, error) {
	const sysResource = 24
	for line := range strings.Lines(status) {
		if set, ok := strings.CutPrefix(line, "CapBnd:"); ok {
			bits, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64)
			if err != nil {
				return false, fmt.Errorf("the bounding set of capabilities: %w", err)
			}
			return bits>>sysResource&1 == 0, nil
		}
	}
	return false, fmt.Errorf("/proc/self/status names no bounding set of capabilities")
}
