package checks

import (
	"context"
	"fmt"
	"time"

	"istio-lab/internal/loyalty"
	"istio-lab/internal/settings"
)

// limiterReady: the service that counts requests is up, and its database; no proxy stands before them, which would ask it too.
func limiterReady(m member) Check {
	parts := []string{"redis", "ratelimit"}
	return Check{
		Claim: fmt.Sprintf("%s and %s of %s are ready, without sidecars", parts[0], parts[1], m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			c := m.in(l)
			for _, part := range parts {
				if err := c.Deployed(ctx, appsNamespace, part); err != nil {
					return "", err
				}
				all, err := c.livePods(ctx, appsNamespace, "app="+part)
				if err != nil {
					return "", err
				}
				for _, pod := range all {
					if hasSidecar(pod) {
						return "", lasting{fmt.Errorf("pod %s of %s has a sidecar", pod.Name, c.Name)}
					}
				}
			}
			return "ready", nil
		},
	}
}

const (
	// beyond is how many requests more than its limit are made for a tier.
	beyond = 3
	// countable is the highest limit that can be looked at: so many requests fit into a few seconds.
	countable = 1000
	// room is what the requests may take. They are to be counted in one minute of the clock, which is the service's window.
	room = 10 * time.Second
)

// limited: of the requests of each tier, so many as its limit says are answered in a minute.
func limited(s settings.Settings, m member) (checks []Check) {
	for _, tier := range loyalty.Tiers() {
		limit := s.Lab.RateLimits[tier]
		if limit > countable {
			continue
		}
		of := request{url: "http://catalog/items"}
		if tier != loyalty.None {
			of.headers = []string{"x-loyalty: " + string(tier)}
		}
		checks = append(checks, Check{
			Claim: fmt.Sprintf("catalog of %s answers %d requests a minute of %s, and refuses the rest", m.Name, limit, tier),
			look: func(ctx context.Context, l *Lab) (string, error) {
				caller := m.in(l).in(sleep)
				count, err := caller.passed(ctx, of, limit)
				if err == nil && count < limit {
					// Somebody has used up some of this minute's.
					if err := nextMinute(ctx, time.Minute); err != nil {
						return "", err
					}
					count, err = caller.passed(ctx, of, limit)
				}
				if err == nil && count != limit {
					err = fmt.Errorf("of %d requests in a minute %d are answered, not %d", limit+beyond, count, limit)
				}
				return fmt.Sprintf("%d times 200, %d times 429", limit, beyond), err
			},
			limit:    time.Minute + 2*room + usualLimit,
			patience: 2*time.Minute + drained,
		})
	}
	return checks
}

// passed makes some requests more than a limit within a minute, and returns how many are answered. It objects to an answer other than
// 200 and a refusal, and to an answer that follows a refusal.
func (p place) passed(ctx context.Context, of request, limit int) (int, error) {
	if err := nextMinute(ctx, room); err != nil {
		return 0, err
	}
	all, err := p.askOften(ctx, of, limit+beyond)
	if err != nil {
		return 0, err
	}
	return passed(all)
}

// passed counts the answers that come before refusals.
func passed(all []answer) (count int, err error) {
	for i, got := range all {
		switch {
		case got.status == 200 && count == i:
			count++
		case got.status == 200:
			return 0, fmt.Errorf("request %d of %d is answered, although one before it was over the limit", i+1, len(all))
		case got.status != 429 || got.header.Get("x-envoy-ratelimited") != "true":
			return 0, fmt.Errorf("request %d of %d is neither answered nor over the limit, but %s", i+1, len(all), got)
		}
	}
	return count, nil
}

// nextMinute waits for the first second of the next minute of the clock, if this one ends within the given time.
func nextMinute(ctx context.Context, within time.Duration) error {
	now := time.Now()
	left := now.Truncate(time.Minute).Add(time.Minute).Sub(now)
	if left > within {
		return nil
	}
	select {
	case <-time.After(left + time.Second):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w before the next minute", ctx.Err())
	}
}
