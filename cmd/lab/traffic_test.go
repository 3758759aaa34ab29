package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoAnswersIsReadFromTheAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"name": "simple-backend-west", "body": "Hello from WEST", "code": 200}`:         "Hello from WEST",
		`{"name": "simple-backend-west", "code": 500, "error": "Service error injected"}`: "Service error injected",
		`[{"id": 1}, {"id": 2}]`: "2 items",
		`[{"id": 1}]`:            "1 item",
		"no healthy upstream\n":  "no healthy upstream",
		"":                       "",
	} {
		if got := author(body); got != want {
			t.Errorf("%s is by %q, want %q", body, got, want)
		}
	}
}

func TestRepliesAreCountedByStatusAndAuthor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		replies := []reply{{200, "Hello from EAST"}, {200, "Hello from WEST"}, {0, "connection refused"}, {200, "Hello from EAST"}}
		n, counts := 0, &tally{started: time.Now(), counts: map[reply]int{}}
		var out bytes.Buffer
		counts.run(t.Context(), 4, time.Second, func(context.Context) reply {
			time.Sleep(300 * time.Millisecond)
			n++
			return replies[n-1]
		}, counts.lines(&out))
		counts.print(&out)
		for _, want := range []string{
			"00:00:01    300 ms  200 Hello from WEST\n", "00:00:02    300 ms  no answer: connection refused\n", "\n4 requests in 3 s\n",
			"     2   50%  200 Hello from EAST\n", "     1   25%  no answer: connection refused\n",
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("lacks %q:\n%s", want, &out)
			}
		}
		out.Reset()
		counts.live(&out)(time.Time{}, 0, reply{})
		if want := "\rno answer: connection refused: 1   200 Hello from EAST: 2   200 Hello from WES…\x1b[K"; out.String() != want {
			t.Errorf("shows %q, want %q", &out, want)
		}
	})
}

func TestAnInterruptEndsTrafficAndTheRequestThatIsUnderWayDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		counts := &tally{started: time.Now(), counts: map[reply]int{}}
		counts.run(ctx, 0, time.Second, func(ctx context.Context) reply {
			select {
			case <-ctx.Done():
				return reply{By: "interrupted"}
			case <-time.After(900 * time.Millisecond):
				return reply{200, "webapp"}
			}
		}, func(time.Time, time.Duration, reply) {})
		if len(counts.counts) != 1 || counts.total() != 2 {
			t.Errorf("counted %v", counts.counts)
		}
	})
}

func TestARequestHasItsHostAndHeaders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
		w.Write([]byte(r.Host + " " + r.Header.Get("x-loyalty")))
	}))
	if got := ask(t.Context(), "a.example", server.URL, []string{"x-loyalty: gold"}); got != (reply{429, "a.example gold"}) {
		t.Errorf("got %v", got)
	}
	server.Close()
	if got := ask(t.Context(), "a.example", server.URL, nil); got.Status != 0 || !strings.HasSuffix(got.By, "connection refused") {
		t.Errorf("got %v", got)
	}
}
