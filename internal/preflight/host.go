package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/disk"
	psnet "github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// host is what a check asks the host itself.
type host struct {
	// local says that the engine runs here, so that what this host says is about the engine's host too.
	local bool
	// linux says that the containers of an engine here share this host's network.
	linux bool
	// name is the host's name.
	name string
	// listen tries to listen at an address and stops at once.
	listen func(netip.AddrPort) error
	// listener names the process that listens at a port; empty where that is not to be seen.
	listener func(context.Context, int) string
	// answers objects if a mirror of a registry does not answer.
	answers func(ctx context.Context, mirror string) error
	// routes are the host's IPv4 routes.
	routes func() []route
	// limit reads a number below /proc/sys.
	limit func(path string) (int, error)
	// free is the free space of a directory's file system.
	free func(directory string) (uint64, error)
	// stat is os.Stat.
	stat func(string) (fs.FileInfo, error)
	// now is time.Now.
	now func() time.Time
}

var thisHost = host{
	linux:    runtime.GOOS == "linux",
	name:     hostname(),
	listen:   listen,
	listener: listener,
	answers:  answers,
	routes:   ipv4Routes,
	limit:    limit,
	free: func(directory string) (uint64, error) {
		usage, err := disk.Usage(directory)
		if err != nil {
			return 0, err
		}
		return usage.Free, nil
	},
	stat: os.Stat,
	now:  time.Now,
}

func hostname() string {
	name, _ := os.Hostname() // without a name, no directory counts as this host's
	return name
}

func listen(at netip.AddrPort) error {
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return err
	}
	return l.Close()
}

func listener(ctx context.Context, port int) string {
	connections, err := psnet.ConnectionsWithoutUidsWithContext(ctx, "tcp")
	if err != nil {
		return ""
	}
	for _, c := range connections {
		if c.Status != "LISTEN" || int(c.Laddr.Port) != port || c.Pid == 0 {
			continue // the processes of others are seen by root alone
		}
		p, err := process.NewProcessWithContext(ctx, c.Pid)
		if err != nil {
			return fmt.Sprintf("process %d", c.Pid)
		}
		name, err := p.NameWithContext(ctx)
		if err != nil {
			return fmt.Sprintf("process %d", c.Pid)
		}
		return fmt.Sprintf("%s (process %d)", name, c.Pid)
	}
	return ""
}

func limit(path string) (int, error) {
	text, err := os.ReadFile("/proc/sys/" + path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// exists says whether a directory is there; one that cannot be looked at counts as there.
func (h host) exists(directory string) bool {
	_, err := h.stat(directory)
	return !errors.Is(err, fs.ErrNotExist)
}

// same says whether two paths lead to one directory.
func (h host) same(a, b string) bool {
	left, err := h.stat(a)
	if err != nil {
		return false
	}
	right, err := h.stat(b)
	return err == nil && os.SameFile(left, right)
}
