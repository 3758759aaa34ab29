package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
)

// givingUp returns a context for an update of the stack. When the program reports what only a person can mend, the context ends
// with that as its cause, and so the update in the way of Ctrl-C.
func (l *lab) givingUp(ctx context.Context, s *stack) (context.Context, context.CancelFunc) {
	ctx, giveUp := context.WithCancelCause(ctx)
	s.listener.Stuck = func(problem error) {
		if ctx.Err() == nil {
			fmt.Fprintln(l.say, "an image cannot be pulled: waiting for the steps that are under way")
		}
		giveUp(problem)
	}
	return ctx, func() { giveUp(nil) }
}

// settle brings updates of objects that were interrupted into the state, by their URNs. The cluster has them, but an interrupted
// provider does not say so (v4.32.0): with the former setting, the next update would find nothing to do.
func (l *lab) settle(ctx context.Context, s *stack, urns []string) {
	select {
	case <-l.abandon:
		return
	default:
	}
	if len(urns) == 0 {
		return
	}
	if _, err := s.Refresh(context.WithoutCancel(ctx), optrefresh.Target(urns), optrefresh.Color("never")); err != nil {
		fmt.Fprintf(l.say, "what became of interrupted updates is not known (%s): run `lab up --refresh` next\n",
			strings.ReplaceAll(plain(err).Error(), "\n", " "))
	}
}
