package tap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands in for a proxy whose tap is there at the given try, and captures the given request.
type proxy struct {
	thereAt, captures int32
	tries, sent       atomic.Int32
	captured          chan struct{}
}

const trace = `{
 "http_buffered_trace": {"request": {"headers": [{"key": ":path", "value": "/"}, {"key": "x-app-tap", "value": "true"}]}}
}`

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked map[string]any
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.URL.Path != "/tap" || r.Method != http.MethodPost {
		http.Error(w, "not asked for a tap", http.StatusBadRequest)
		return
	}
	if p.tries.Add(1) < p.thereAt {
		http.Error(w, "Unknown config id 'tap_config'. No extension has registered with this id.", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	select {
	case <-p.captured:
		fmt.Fprintln(w, trace)
		w.(http.Flusher).Flush()
		<-r.Context().Done() // the stream stays open
	case <-r.Context().Done():
	}
}

func (p *proxy) send(context.Context) error {
	if p.sent.Add(1) == p.captures {
		close(p.captured)
	}
	return nil
}

func capture(t *testing.T, p *proxy, within time.Duration) (string, error) {
	t.Helper()
	p.captured = make(chan struct{})
	server := httptest.NewServer(p)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return Capture(ctx, server.URL, p.send)
}

func TestTheFirstTraceIsReturnedWhileTheStreamIsOpen(t *testing.T) {
	p := &proxy{thereAt: 1, captures: 1}
	got, err := capture(t, p, 5*time.Second)
	if err != nil || got != trace || p.sent.Load() != 1 {
		t.Errorf("after %d requests: %q, %v", p.sent.Load(), got, err)
	}
	if !OfMarked(got) {
		t.Error("its request counts as not marked")
	}
}

func TestARequestIsSentAgainUntilOneIsCaptured(t *testing.T) {
	p := &proxy{thereAt: 2, captures: 2}
	if got, err := capture(t, p, 10*time.Second); err != nil || got != trace || p.sent.Load() != 2 || p.tries.Load() != 2 {
		t.Errorf("after %d requests and %d tries: %q, %v", p.sent.Load(), p.tries.Load(), got, err)
	}
}

func TestWhatIsNotCapturedInTimeIsSaid(t *testing.T) {
	if got, err := capture(t, &proxy{thereAt: 1, captures: 100}, 100*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAProxyWithoutATapIsSaidInItsOwnWords(t *testing.T) {
	_, err := capture(t, &proxy{thereAt: 100}, 100*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "No extension has registered with this id") {
		t.Error(err)
	}
}

func TestATapThatStaysOpenElsewhereIsNotWaitedForToTheEnd(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "An attached /tap admin stream already exists. Detach it.", http.StatusBadRequest)
	}))
	defer server.Close()
	if _, err := Capture(t.Context(), server.URL, nil); !errors.Is(err, errTaken) {
		t.Error(err)
	}
}

func TestARequestThatCannotBeSentEndsTheCapture(t *testing.T) {
	p := &proxy{thereAt: 1, captured: make(chan struct{})}
	server := httptest.NewServer(p)
	defer server.Close()
	refused := errors.New("refused")
	if _, err := Capture(t.Context(), server.URL, func(context.Context) error { return refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
}

func TestOnlyARequestWithTheMarkCountsAsMarked(t *testing.T) {
	for _, other := range []string{strings.ReplaceAll(trace, "true", "false"), strings.ReplaceAll(trace, Header, "x-other"), "{}", ""} {
		if OfMarked(other) {
			t.Errorf("marked: %s", other)
		}
	}
}
