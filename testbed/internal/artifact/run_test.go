package artifact

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

func TestAFullDiskIsNamedBeforeAllElse(t *testing.T) {
	err := Run(exec.CommandContext(t.Context(), "sh", "-c", "echo write x: no space left on device; exit 1"))
	if err == nil || !strings.Contains(err.Error(), ": exit status 1: the disk is full; free some of it and run this again") {
		t.Errorf("got %v", err)
	}
}

func TestAFailedCommandIsNamedOnOneLineWithTheLastThatItWrote(t *testing.T) {
	err := Run(exec.CommandContext(t.Context(), "sh", "-c", "echo going wrong >&2\nexit 3"))
	if err == nil {
		t.Fatal("want an error")
	}
	const want = "sh -c echo going wrong >&2 …: exit status 3\ngoing wrong"
	if err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
	if output, err := Output(exec.CommandContext(t.Context(), "echo", "fine")); err != nil || strings.TrimSpace(output) != "fine" {
		t.Errorf("got %q, %v", output, err)
	}
}

func TestWhatACommandCannotReadIsNamedBeforeWhatTheCommandSays(t *testing.T) {
	unreadable := errors.New("no such file")
	long := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		script string
		write  error
		want   string
	}{
		"all is read":               {"wc -c | grep -qx 1048576", nil, ""},
		"the command fails":         {"cat >/dev/null; exit 3", nil, "exit status 3"},
		"the command ends early":    {"true", nil, ""},
		"the command fails early":   {"exit 3", nil, "exit status 3"},
		"the input ends early":      {"cat >/dev/null; echo cut off; exit 3", unreadable, "no such file"},
		"only the input ends early": {"cat >/dev/null", unreadable, "no such file"},
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", test.script)
		fed := Feed(cmd, func(input io.Writer) error {
			if _, err := io.WriteString(input, long); err != nil {
				return err
			}
			return test.write
		})
		err := fed(Run(cmd))
		if got := fmt.Sprint(err); (err == nil) != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
