// Lab builds the labs of Istio in Action: it runs the project's Pulumi program inside itself, so that neither an account nor a
// passphrase nor a Go language host is needed. Plain pulumi in the same directory works on the same stacks.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"istio-lab/internal/terminal"
	"istio-lab/internal/unasked"
)

// The exit statuses.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	unasked.Restore()
	l := &lab{out: os.Stdout, program: invocation(os.Args[0])}
	l.say = terminal.NewConsole(os.Stderr, l.said)
	var ctx context.Context
	ctx, l.abandon = onInterrupt(context.Background(), &l.busy, l.say)
	err := l.command().ExecuteContext(ctx)
	switch {
	case err == nil:
		return
	case ctx.Err() != nil:
		if l.busy.Load() {
			fmt.Fprintln(l.say, "interrupted; the next command on this stack continues from here")
		}
		os.Exit(exitInterrupted)
	case errors.As(err, &usage{}) || strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintf(l.say, "error: %v\n", err)
		os.Exit(exitUsage)
	case !errors.Is(err, errShown):
		fmt.Fprintf(l.say, "error: %v\n", err)
	}
	os.Exit(exitFailed)
}
