//go:build e2e

package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/checks"
)

// eventually asks again and again until check has no objection, and fails the test with the last one when the time is
// over.
func eventually(t testing.TB, within time.Duration, check func(context.Context) error) {
	t.Helper()
	if err := poll(t.Context(), within, check); err != nil {
		t.Fatalf("not within %s: %v", within, err)
	}
}

// poll is checks.Poll, and asks a question anew that hangs.
func poll(ctx context.Context, within time.Duration, check func(context.Context) error) error {
	return checks.Poll(ctx, within, func(ctx context.Context) error {
		once, done := context.WithTimeout(ctx, 15*time.Second)
		defer done()
		return check(once)
	})
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
