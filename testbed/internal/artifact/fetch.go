package artifact

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// stall is how long a command may read nothing at all before it is taken for one that waits in vain.
const stall = 2 * time.Minute

// Fetch is Run for a command that fetches from registries and waits for their answers without a bound of its own, as Go's does. It is
// ended when nothing comes any more.
func Fetch(cmd *exec.Cmd) error { return fetch(cmd, stall) }

func fetch(cmd *exec.Cmd, stall time.Duration) error {
	output := capture(cmd)
	if err := cmd.Start(); err != nil {
		return explain(cmd, err, output)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	look := time.NewTicker(stall)
	defer look.Stop()
	for before := ""; ; {
		select {
		case err := <-done:
			return explain(cmd, err, output)
		case <-look.C:
		}
		now, err := counters(cmd.Process.Pid)
		if err != nil {
			continue // it has just ended
		}
		if now == before {
			cmd.Process.Kill()
			<-done
			return explain(cmd, fmt.Errorf("nothing came for %s: does its registry answer? "+
				"When it does, run this again; what has come is kept", stall), output)
		}
		before = now
	}
}

// counters are the kernel's counts of what a process has read and written, from the network too.
func counters(pid int) (string, error) {
	counts, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "io"))
	return string(counts), err
}
