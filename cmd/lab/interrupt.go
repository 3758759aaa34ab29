package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// onInterrupt returns a context that the first Ctrl-C cancels, or the end of the terminal, unless nohup keeps that off, and a channel that
// the second closes. While the engine is busy the person is told what is waited for.
func onInterrupt(parent context.Context, busy *atomic.Bool, say io.Writer) (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(parent)
	abandon := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		wasBusy := busy.Load()
		cancel() // before anything is written: a terminal that is stopped by Ctrl-S takes no text
		if wasBusy {
			fmt.Fprintln(say, "interrupted: waiting for the steps that are under way; once more to leave them behind")
		}
		<-signals
		close(abandon)
		signal.Stop(signals) // a third ends lab itself
	}()
	return ctx, abandon
}
