package checks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"istio-lab/internal/portforward"
	"istio-lab/internal/tap"
)

// tapped: the tap of webapp's sidecar captures the requests that are marked, and no others.
func tapped(m member) Check {
	return Check{
		Claim: fmt.Sprintf("the tap of webapp in %s captures a request with %s: true, and none without", m.Name, tap.Header),
		look: func(ctx context.Context, l *Lab) (string, error) {
			administration, err := portforward.ToPod(ctx, m.in(l).Config, appsNamespace, "app=webapp", tap.AdminPort)
			if err != nil {
				return "", err
			}
			at, err := m.ingress(ctx, l)
			if err != nil {
				return "", err
			}
			unmarked := webapp.uncounted().at("http://" + at)
			marked := unmarked
			marked.headers = append([]string{tap.Header + ": true"}, unmarked.headers...)
			trace, err := tap.Capture(ctx, administration, func(ctx context.Context) error {
				_, first := l.client(m).ask(ctx, unmarked)
				_, second := l.client(m).ask(ctx, marked)
				return errors.Join(first, second)
			})
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				return "", errors.New("the tap is open, and no marked request is captured; does webapp answer?")
			case err != nil:
				return "", err
			case !tap.OfMarked(trace):
				return "", fmt.Errorf("a request was captured that is not marked:\n%s", trace)
			}
			return fmt.Sprintf("a trace of %d bytes", len(trace)), nil
		},
		patience: drained,
	}
}

// drained is how long what changes a proxy's filters may take: an open connection goes on with the filters of before for 45 s.
const drained = 90 * time.Second
