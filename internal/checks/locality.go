package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	backend     = "simple-backend"
	backendHost = "simple-backend.istioinaction.io"
	calls       = 20
)

// preferred: the ingress gateway prefers the backend that is near, and has the other for when that fails.
func preferred(m, peer member) Check {
	return Check{
		Claim: fmt.Sprintf("the ingress gateway of %s prefers %s of %s to that of %s", m.Name, backend, m.region, peer.region),
		look: func(ctx context.Context, l *Lab) (string, error) {
			own, other, err := m.backends(ctx, l, peer)
			if err != nil {
				return "", err
			}
			if own.Priority != 0 || other.Priority != 1 || own.Locality.Region != m.region || other.Locality.Region != peer.region {
				return "", fmt.Errorf("its endpoints are %s and %s, not of priority 0 in %s and 1 in %s; is there a DestinationRule "+
					"with outlierDetection?", own, other, m.region, peer.region)
			}
			return fmt.Sprintf("%s, %s", own, other), nil
		},
	}
}

// backends are the ingress gateway's endpoints of the backend: its own cluster's, and the peer's behind the east-west gateway.
func (m member) backends(ctx context.Context, l *Lab, peer member) (own, other endpoint, err error) {
	known, err := m.in(l).endpoints(ctx, ingress, serviceCluster(backend))
	if err != nil {
		return own, other, err
	}
	if len(known) != 2 {
		return own, other, fmt.Errorf("the ingress gateway of %s has %d endpoints of %s, not 2: %v", m.Name, len(known), backend, known)
	}
	own, other = known[0], known[1]
	at, err := peer.eastWest(ctx, l)
	if err != nil {
		return own, other, err
	}
	behind := fmt.Sprintf("%s:%d", at, crossNetwork)
	if own.at() == behind {
		own, other = other, own
	}
	if other.at() != behind {
		err = fmt.Errorf("the ingress gateway of %s does not have %s of %s at %s, but %v", m.Name, backend, peer.Name, behind, known)
	}
	return own, other, err
}

// stays: all calls are answered nearby.
func stays(m member) Check {
	return Check{
		Claim: fmt.Sprintf("%d calls of %s through the ingress gateway of %s are answered there", calls, backend, m.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			return l.callBackend(ctx, m, greeting(m))
		},
		limit: time.Minute,
	}
}

// failsOver: the near backend fails, is ejected, and the other answers all calls.
func failsOver(m, peer member) Check {
	return Check{
		Claim: fmt.Sprintf("%s of %s fails and is ejected, and %d calls through the ingress gateway are answered by %s",
			backend, m.Name, calls, peer.Name),
		look: func(ctx context.Context, l *Lab) (string, error) {
			// The first call after an ejection has ended meets the failing backend again; it may fail.
			if _, err := l.askBackend(ctx, m, 1); err != nil {
				return "", err
			}
			own, _, err := m.backends(ctx, l, peer)
			if err != nil {
				return "", err
			}
			if !own.Health.Ejected {
				return "", fmt.Errorf("the ingress gateway of %s has not ejected %s, although it fails; has Envoy "+
					"seen calls of it?", m.Name, own)
			}
			saw, err := l.callBackend(ctx, m, greeting(peer))
			return fmt.Sprintf("%s; %s is ejected", saw, own.at()), err
		},
		limit: time.Minute,
	}
}

// greeting is what the backend of a cluster says: Hello from WEST.
func greeting(m member) string {
	return "Hello from " + strings.ToUpper(strings.TrimSuffix(m.mesh, "-cluster"))
}

// callBackend calls the backend often through the member's ingress gateway, and objects unless each call is answered with 200 and
// the given words.
func (l *Lab) callBackend(ctx context.Context, m member, want string) (string, error) {
	all, err := l.askBackend(ctx, m, calls)
	if err != nil {
		return "", err
	}
	for i, got := range all {
		if err := greets(got, want); err != nil {
			return "", fmt.Errorf("call %d of %d: %w", i+1, calls, err)
		}
	}
	return want, nil
}

// askBackend calls the backend so many times through the member's ingress gateway.
func (l *Lab) askBackend(ctx context.Context, m member, times int) ([]answer, error) {
	at, err := m.ingress(ctx, l)
	if err != nil {
		return nil, err
	}
	return l.client(m).askOften(ctx, request{host: backendHost, url: "http://" + at + "/"}, times)
}

// greets objects unless an answer of the backend is 200 with the given words.
func greets(got answer, want string) error {
	var said struct{ Body string }
	if err := json.Unmarshal([]byte(got.body), &said); err != nil || got.status != 200 || said.Body != want {
		return fmt.Errorf("the answer is not 200 %q, but %s", want, got)
	}
	return nil
}
