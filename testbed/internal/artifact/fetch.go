package artifact

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// stall is how long a command may read almost nothing before it is taken for one that waits in vain. A registry may have to fetch
	// itself what it is asked for.
	stall = 2 * time.Minute
	// almostNothing is how many bytes a command reads that only tries to reach its registry again and again.
	almostNothing = 16 << 10
)

// Fetch is Run for a command that fetches from registries and waits for their answers without a bound of its own, as Go's does. It is
// ended when nothing comes any more.
func Fetch(cmd *exec.Cmd) error { return fetch(cmd, stall) }

func fetch(cmd *exec.Cmd, stall time.Duration) error {
	output := capture(cmd)
	cmd.WaitDelay = time.Second // what it has started itself may hold its output open
	if err := cmd.Start(); err != nil {
		return explain(cmd, err, output)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	look := time.NewTicker(stall / 8)
	defer look.Stop()
	for before, since := 0, time.Now(); ; {
		select {
		case err := <-done:
			return explain(cmd, err, output)
		case <-look.C:
		}
		now, err := bytesRead(cmd.Process.Pid)
		if err != nil {
			continue // it has just ended
		}
		if now-before >= almostNothing {
			before, since = now, time.Now()
		}
		if time.Since(since) >= stall {
			cmd.Process.Kill()
			<-done
			return explain(cmd, fmt.Errorf("nothing came for %s: does its registry answer? "+
				"When it does, run this again; what has come is kept", stall), output)
		}
	}
}

// bytesRead is the kernel's count of what a process has read, from the network too.
func bytesRead(pid int) (bytes int, err error) {
	counts, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "io"))
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscanf(string(counts), "rchar: %d", &bytes)
	return bytes, err
}
