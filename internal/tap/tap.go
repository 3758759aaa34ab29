// Package tap opens the tap of a proxy, and reads what it captures.
package tap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// AdminPort is where a proxy's administration listens, on its pod's loopback interface only.
const AdminPort = 15000

// Header is what marks a request to be captured, by the value true.
const Header = "x-app-tap"

// Marked asks the administration of a proxy for the requests that are marked, and their responses, with readable bodies.
const Marked = `{
  "config_id": "tap_config",
  "tap_config": {
    "match": {"http_request_headers_match": {"headers": [{"name": "` + Header + `", "string_match": {"exact": "true"}}]}},
    "output_config": {"sinks": [{"format": "JSON_BODY_AS_STRING", "streaming_admin": {}}]}
  }
}`

// again is how long a request may take to be captured before another is sent. A connection that was open before the filter goes on
// without it, for 45 s at most.
const again = time.Second

// releasedWithin is how long the proxy may take to notice that somebody has closed its tap. It has one.
const releasedWithin = 5 * time.Second

var errTaken = errors.New("the proxy's tap is open already: close it where `lab tap` or curl keeps it open")

// Capture opens the tap by the URL of the proxy's administration, has send send again and again until a request is captured, and
// returns its trace, which is JSON. The tap is closed at the end.
func Capture(ctx context.Context, administration string, send func(context.Context) error) (trace string, err error) {
	ctx, closeTap := context.WithCancel(ctx)
	defer closeTap()
	stream, err := open(ctx, administration)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	type captured struct {
		trace json.RawMessage
		err   error
	}
	first := make(chan captured, 1)
	go func() {
		var c captured
		c.err = json.NewDecoder(stream).Decode(&c.trace)
		first <- c
	}()
	for {
		if err := send(ctx); err != nil {
			return "", err
		}
		select {
		case c := <-first:
			if c.err != nil {
				return "", fmt.Errorf("the proxy has closed the tap: %w", c.err)
			}
			return string(c.trace), nil
		case <-time.After(again):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// open opens the tap, as soon as the proxy has one.
func open(ctx context.Context, administration string) (io.ReadCloser, error) {
	for start := time.Now(); ; {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, administration+"/tap", strings.NewReader(Marked))
		if err != nil {
			return nil, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, fmt.Errorf("open the proxy's tap: %w", err)
		}
		if response.StatusCode == http.StatusOK {
			return response.Body, nil
		}
		text, _ := io.ReadAll(response.Body) // what there is of it
		response.Body.Close()
		if bytes.Contains(text, []byte("already exists")) && time.Since(start) > releasedWithin {
			return nil, errTaken
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return nil, fmt.Errorf("the proxy has no tap: %s: %s", response.Status, bytes.TrimSpace(text))
		}
	}
}

// OfMarked says whether a trace is of a request that was marked.
func OfMarked(trace string) bool {
	var t struct {
		Buffered struct {
			Request struct {
				Headers []struct{ Key, Value string }
			}
		} `json:"http_buffered_trace"`
	}
	if err := json.Unmarshal([]byte(trace), &t); err != nil {
		return false
	}
	for _, header := range t.Buffered.Request.Headers {
		if header.Key == Header {
			return header.Value == "true"
		}
	}
	return false
}
