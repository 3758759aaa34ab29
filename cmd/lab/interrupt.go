package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// onInterrupt returns a context that the first Ctrl-C cancels, and a channel that the second closes.
func onInterrupt(parent context.Context, say io.Writer) (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(parent)
	abandon := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		fmt.Fprintln(say, "interrupted: waiting for the steps that are under way; once more to leave them behind")
		cancel()
		<-signals
		close(abandon)
		signal.Stop(signals) // a third ends lab itself
	}()
	return ctx, abandon
}
