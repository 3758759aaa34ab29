//go:build unix

package main

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

func TestASecondInterruptEndsWhatRunsAndNotTheCleanUpAfterIt(t *testing.T) {
	abandon := make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() { close(abandon) })
	if err := attend(t.Context(), abandon, exec.Command("sleep", "60")); err == nil {
		t.Error("a command that was abandoned ended by itself")
	}
	if err := attend(context.WithoutCancel(t.Context()), abandon, exec.Command("sleep", "0.1")); err != nil {
		t.Errorf("the clean-up was interrupted: %v", err)
	}
}
