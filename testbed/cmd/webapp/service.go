package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"time"
)

// client calls the services. The limit is the book's application's own.
var client = http.Client{Timeout: time.Minute}

// service is a service that the application calls.
type service struct{ name, url string }

// get asks the service for a path on behalf of a request. Its answer is JSON, without spaces.
func (s service) get(r *http.Request, path string) ([]byte, error) {
	call, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if travels(name) {
			call.Header[name] = values
		}
	}
	response, err := client.Do(call)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s: %.80q", call.URL, response.Status, body)
	}
	return compact.Bytes(), nil
}

// travels tells whether a header of a request goes on to the services: what traces are joined by, who calls,
// and every header of an application's own.
func travels(header string) bool {
	return strings.HasPrefix(header, "X-") ||
		slices.Contains([]string{"Authorization", "B3", "Traceparent", "Tracestate"}, header)
}

// relay answers a request with what the service answers, or says that the service failed.
func (s service) relay(w http.ResponseWriter, r *http.Request, path string) {
	body, err := s.get(r, path)
	if err != nil {
		log.Print(err)
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "error calling %s service", s.name)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(body)
}
