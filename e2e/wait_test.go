//go:build e2e

package e2e

import (
	"context"
	"strings"
	"testing"
	"time"
)

// eventually asks again and again until check has no objection, and fails the test with the last one when the time is
// over.
func eventually(t testing.TB, within time.Duration, check func(context.Context) error) {
	t.Helper()
	if err := poll(t.Context(), within, check); err != nil {
		t.Fatalf("not within %s: %v", within, err)
	}
}

func poll(ctx context.Context, within time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var last error
	for {
		// A question that hangs is asked anew; the objection that stands is the last complete one.
		once, done := context.WithTimeout(ctx, 15*time.Second)
		err := check(once)
		done()
		if err == nil {
			return nil
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

// tail is the end of a long text: what a person looks at first.
func tail(text string) string {
	const lines = 60
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(all) > lines {
		all = append([]string{"…"}, all[len(all)-lines:]...)
	}
	return strings.Join(all, "\n")
}
