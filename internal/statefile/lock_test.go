package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestALockIsHeldByTheProcessThatWroteIt(t *testing.T) {
	written := time.Date(2026, 11, 23, 4, 6, 26, 0, time.UTC)
	l := lock{PID: 7, Username: "ann", Hostname: "laptop", Timestamp: written}
	for name, test := range map[string]struct {
		host    string
		started time.Time
		says    string
	}{
		"a live process":  {"laptop", written.Add(-time.Second), "ann works on it (process 7"},
		"no such process": {"laptop", time.Time{}, ""},
		"another process that has its number since": {"laptop", written.Add(time.Hour), ""},
		"another host": {"desktop", time.Time{}, "on the host laptop"},
	} {
		t.Run(name, func(t *testing.T) {
			err := l.held(test.host, test.started)
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Error(err)
			}
		})
	}
}

func lockFile(t *testing.T, directory, text string) string {
	return write(t, filepath.Join(directory, ".pulumi", "locks", "organization", "istio-lab", "dev", "1b.json"), text)
}

func TestALockOfADeadProcessIsRemovedWithAMessage(t *testing.T) {
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	file := lockFile(t, state, `{"pid":2147483646,"username":"ann","hostname":"`+hostname+`","timestamp":"2026-11-23T04:06:26Z"}`)
	write(t, file+".attrs", "{}")
	var said bytes.Buffer
	if err := stack(state, "dev").ReleaseLocks(t.Context(), &said); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) > 0 || !strings.Contains(said.String(), "2147483646") {
		t.Errorf("left %v, said %q", left, &said)
	}
}

func TestALockThatIsNotReadableIsLeftAndNamed(t *testing.T) {
	state := t.TempDir()
	file := lockFile(t, state, "")
	if err := stack(state, "dev").ReleaseLocks(t.Context(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
	if err := stack(state, "other").ReleaseLocks(t.Context(), &bytes.Buffer{}); err != nil {
		t.Errorf("the lock of one stack stops another: %v", err)
	}
}

func TestAProcessThatIsJustDyingIsWaitedForAndALiveOneIsNot(t *testing.T) {
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for end, gone := range map[string]bool{"0.2": true, "60": false} {
		sleep := exec.Command("sleep", end)
		if err := sleep.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = sleep.Process.Kill()
			_ = sleep.Wait()
		})
		state := t.TempDir()
		file := lockFile(t, state, fmt.Sprintf(`{"pid":%d,"username":"ann","hostname":%q,"timestamp":%q}`,
			sleep.Process.Pid, hostname, time.Now().Format(time.RFC3339Nano)))
		held := stack(state, "dev").Locked(t.Context())
		if held == nil {
			t.Errorf("sleep %s: the lock of a process that runs is not seen", end)
		}
		err := stack(state, "dev").ReleaseLocks(t.Context(), &bytes.Buffer{})
		_, left := os.Stat(file)
		if (err == nil) != gone || errors.Is(left, os.ErrNotExist) != gone {
			t.Errorf("sleep %s: %v, lock file: %v", end, err, left)
		}
	}
}
