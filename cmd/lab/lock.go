package main

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
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"istio-lab/internal/settings"
)

// lock is what a file backend writes while a command changes a stack.
type lock struct {
	PID       int32     `json:"pid"`
	Username  string    `json:"username"`
	Hostname  string    `json:"hostname"`
	Timestamp time.Time `json:"timestamp"`
}

// locks are those of a stack, by their files.
func locks(state, name string) (map[string]lock, error) {
	files, err := filepath.Glob(filepath.Join(state, ".pulumi", "locks", "organization", settings.Project, name, "*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]lock{}
	for _, file := range files {
		l, err := readLock(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its command has just ended
		}
		if err != nil {
			return nil, err
		}
		all[file] = l
	}
	return all, nil
}

// heldBy objects if a command works on a stack, and names it.
func heldBy(ctx context.Context, state, name string) error {
	all, err := locks(state, name)
	if err != nil {
		return err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	for _, l := range all {
		if err := l.held(hostname, runsSince(ctx, l.PID)); err != nil {
			return err
		}
	}
	return nil
}

// releaseLocks removes the locks of a stack whose commands were killed, and reports a command that still runs. Only a file
// backend has them.
func releaseLocks(ctx context.Context, state, name string, say io.Writer) error {
	all, err := locks(state, name)
	if err != nil {
		return err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	for file, l := range all {
		if err := l.outlived(ctx, hostname); err != nil {
			return fmt.Errorf("stack %s: %w", name, err)
		}
		// The attributes are gocloud.dev/blob's, which the backend keeps its files by.
		if err := errors.Join(os.Remove(file), os.RemoveAll(file+".attrs")); err != nil {
			return fmt.Errorf("remove the lock of a command that is gone: %w", err)
		}
		fmt.Fprintf(say, "the last command on stack %s (process %d) was killed: its lock is removed\n", name, l.PID)
	}
	return nil
}

func readLock(file string) (lock, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return lock{}, err
	}
	var l lock
	if err := json.Unmarshal(text, &l); err != nil || l.PID == 0 {
		return lock{}, fmt.Errorf("the lock %s is not readable; if no other command works on the stack, remove the file", file)
	}
	return l, nil
}

// dying is how long a process that was killed is given to be gone: the kernel frees its memory first.
const dying = time.Second

// outlived returns nil as soon as the lock's process is gone, or says by whom the lock is held.
func (l lock) outlived(ctx context.Context, hostname string) error {
	for deadline := time.Now().Add(dying); ; {
		err := l.held(hostname, runsSince(ctx, l.PID))
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

// held says by whom the lock is held, or returns nil if its process is gone. Started is when the process that has its number
// now began; zero if there is none. One that began after the lock was written is another one.
func (l lock) held(hostname string, started time.Time) error {
	if l.Hostname != hostname {
		return fmt.Errorf("%s works on it on the host %s (process %d, since %s); wait for that, or if it is gone, "+
			"run `pulumi cancel`", l.Username, l.Hostname, l.PID, l.Timestamp.Format(time.DateTime))
	}
	// The kernel counts starts in hundredths of a second, and from a boot time that is rounded.
	if started.IsZero() || started.After(l.Timestamp.Add(2*time.Second)) {
		return nil
	}
	return fmt.Errorf("%s works on it (process %d, since %s); wait for that, or stop it by `kill -INT %d`",
		l.Username, l.PID, l.Timestamp.Format(time.DateTime), l.PID)
}

// runsSince is when a process began; zero if there is none of that number, or one that has ended and is not reaped yet.
func runsSince(ctx context.Context, pid int32) time.Time {
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
