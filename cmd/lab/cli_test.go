//go:build unix

package main

import (
	"context"
	"io"
	"os/exec"
	"sync/atomic"
	"syscall"
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

func TestAnInterruptCancelsAlsoWhereTheTerminalTakesNoText(t *testing.T) {
	var busy atomic.Bool
	busy.Store(true)
	stopped, terminal := io.Pipe() // which nobody reads
	defer stopped.Close()
	ctx, _ := onInterrupt(t.Context(), &busy, terminal)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
		t.Error("the command goes on")
	}
}
