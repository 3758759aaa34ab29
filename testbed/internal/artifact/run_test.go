package artifact

import (
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
