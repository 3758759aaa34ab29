package statefile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// lock is what the engine writes while a command changes a stack.
type lock struct {
	PID       int32     `json:"pid"`
	Username  string    `json:"username"`
	Hostname  string    `json:"hostname"`
	Timestamp time.Time `json:"timestamp"`
}

// Locked returns an error that names the command that works on the stack, or nil if there is none.
func (s Stack) Locked(ctx context.Context) error {
	return s.eachLock(func(_ string, l lock, hostname string) error {
		return l.held(hostname, startOf(ctx, l.PID))
	})
}

// ReleaseLocks removes the locks of commands that were killed, and reports each to out. It returns an error that names a command that still
// runs.
func (s Stack) ReleaseLocks(ctx context.Context, out io.Writer) error {
	return s.eachLock(func(file string, l lock, hostname string) error {
		if err := l.awaitRelease(ctx, hostname); err != nil {
			return fmt.Errorf("stack %s: %w", s.name, err)
		}
		if err := errors.Join(os.Remove(file), os.RemoveAll(file+attributes)); err != nil {
			return fmt.Errorf("remove the lock of a command that is gone: %w", err)
		}
		fmt.Fprintf(out, "the last command on stack %s (process %d) was killed: its lock is removed\n", s.name, l.PID)
		return nil
	})
}

// eachLock calls a function with the file and the content of each of the stack's locks, and with this host's name, until an error.
func (s Stack) eachLock(do func(file string, l lock, hostname string) error) error {
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	directory := filepath.Join(s.backend.directory, "locks", "organization", s.backend.project, s.name)
	files, err := names(directory)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !strings.HasSuffix(file, extension) {
			continue
		}
		file = filepath.Join(directory, file)
		l, err := readLock(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its command has just ended
		}
		if err == nil {
			err = do(file, l, hostname)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readLock(file string) (l lock, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(text, &l); err != nil || l.PID == 0 {
		return l, fmt.Errorf("the lock %s is not readable; if no other command works on the stack, remove the file", file)
	}
	return l, nil
}

// killGracePeriod is how long a process that was killed is given to be gone: the kernel frees its memory first.
const killGracePeriod = time.Second

// awaitRelease returns nil as soon as the lock's process is gone, or the error that names it.
func (l lock) awaitRelease(ctx context.Context, hostname string) error {
	for deadline := time.Now().Add(killGracePeriod); ; {
		err := l.held(hostname, startOf(ctx, l.PID))
		if err == nil || l.Hostname != hostname || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// maxClockSkew bounds how much later than its lock a process can seem to have started: the kernel counts starts in hundredths of a second, from
// a boot time that is rounded to seconds.
const maxClockSkew = 2 * time.Second

// held returns an error that names the process that holds the lock, or nil if it is gone. Started is when the process that now has its number
// started; zero if there is none. One that started after the lock was written is another process.
func (l lock) held(hostname string, started time.Time) error {
	if l.Hostname != hostname {
		return fmt.Errorf("%s works on it on the host %s (process %d, since %s); wait for that, or if it is gone, "+
			"run `pulumi cancel`", l.Username, l.Hostname, l.PID, l.Timestamp.Format(time.DateTime))
	}
	if started.IsZero() || started.After(l.Timestamp.Add(maxClockSkew)) {
		return nil
	}
	return fmt.Errorf("%s works on it (process %d, since %s); wait for that, or stop it by `kill -INT %d`",
		l.Username, l.PID, l.Timestamp.Format(time.DateTime), l.PID)
}

// startOf is when a process started; zero if there is none of that number, or one that has ended and is not reaped yet.
func startOf(ctx context.Context, pid int32) time.Time {
	p, err := process.NewProcessWithContext(ctx, pid)
	if err != nil {
		return time.Time{}
	}
	if status, err := p.StatusWithContext(ctx); err == nil && slices.Contains(status, process.Zombie) {
		return time.Time{}
	}
	milliseconds, err := p.CreateTimeWithContext(ctx)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}
