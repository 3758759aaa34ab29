package artifact

import (
	"os/exec"
	"strings"
	"testing"
)

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
