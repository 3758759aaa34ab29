// Package checks knows every claim that the manual's verification steps make about a lab, and looks whether it is true: by
// requests, certificates and the proxies' own words, over the Kubernetes API and Docker's, without kubectl and istioctl.
//
// What is expected is written down here once more as the manual has it. It is not taken from the program that builds the lab.
package checks

import (
	"context"
	"errors"
	"time"

	"istio-lab/internal/settings"
)

// Check is one claim about a lab: a rung of the scenario's ladder.
type Check struct {
	// Stage is the first stage of which the claim is true. It is false before.
	Stage settings.Stage
	// Claim is a sentence without its full stop, such as "mypc reaches west-control-plane".
	Claim string

	// look looks once. It returns what it saw in a few words, or what is wrong, where, and what to look at.
	look func(context.Context, *Lab) (string, error)
	// patience is how long the mesh may take to make the claim true, and limit bounds one look; zero for the usual.
	patience, limit time.Duration
}

// A mesh takes its time: proxies connect anew after up to 15 s, and an open connection goes on with an old listener for 45 s.
const (
	usualPatience = time.Minute
	usualLimit    = 20 * time.Second
	// What needs no mesh to agree is true at once, or after a hiccup.
	shortPatience = 10 * time.Second
	// What is the first to need a pod to call from may wait for the pull of its image.
	pullPatience = 3 * time.Minute
	pullLimit    = 2 * time.Minute
)

// Look looks once, and returns what it saw, in a few words. The error says what is wrong, and where.
func (c Check) Look(ctx context.Context, l *Lab) (saw string, err error) {
	limit := c.limit
	if limit == 0 {
		limit = usualLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return c.look(ctx, l)
}

// Await looks until the claim is true, for as long as a sound lab may take to make it so. It does not wait for what only a
// person mends. The error is the last complete objection.
func (c Check) Await(ctx context.Context, l *Lab) (saw string, err error) {
	patience := c.patience
	if patience == 0 {
		patience = usualPatience
	}
	err = Poll(ctx, patience, func(ctx context.Context) (err error) {
		saw, err = c.Look(ctx, l)
		return err
	})
	return saw, err
}

// lasting is an objection that waiting does not end: something is not there, or is not to run.
type lasting struct{ error }

func (l lasting) Unwrap() error { return l.error }

func lasts(objection error) bool { return errors.As(objection, &lasting{}) }

// Poll asks again and again until check has no objection, and returns the last complete one when the time is over, or one that
// waiting does not end.
func Poll(ctx context.Context, within time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var last error
	for {
		err := check(ctx)
		if err == nil || lasts(err) {
			return err
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(300 * time.Millisecond):
		}
	}
}
