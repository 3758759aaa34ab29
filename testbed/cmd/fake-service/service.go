package main

import (
	"encoding/json"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// service answers every request alike.
type service struct {
	name, message string
	addresses     []string
	// median is how long an answer takes; variance is the percentage by which it takes longer at most.
	median   time.Duration
	variance int
	// errorRate is the part of the requests that fail, from 0 to 1; they fail with errorCode.
	errorRate float64
	errorCode int

	requests atomic.Int64
}

// answer has the original's fields, in its order.
type answer struct {
	Name        string          `json:"name,omitempty"`
	URI         string          `json:"uri,omitempty"`
	Type        string          `json:"type,omitempty"`
	IPAddresses []string        `json:"ip_addresses,omitempty"`
	StartTime   string          `json:"start_time,omitempty"`
	EndTime     string          `json:"end_time,omitempty"`
	Duration    string          `json:"duration,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
	Code        int             `json:"code"`
	Error       string          `json:"error,omitempty"`
}

const timeFormat = "2006-01-02T15:04:05.000000"

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("OK")) })
	mux.HandleFunc("/", s.answer)
	return mux
}

func (s *service) answer(w http.ResponseWriter, r *http.Request) {
	a := answer{Name: s.name, URI: r.URL.String(), Type: "HTTP", IPAddresses: s.addresses, Code: http.StatusOK}
	if s.fails() {
		a.Code, a.Error = s.errorCode, "Service error automatically injected"
	} else {
		started := time.Now()
		time.Sleep(s.duration())
		ended := time.Now()
		a.StartTime, a.EndTime = started.Format(timeFormat), ended.Format(timeFormat)
		a.Duration = ended.Sub(started).String()
		a.Body = s.body()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Code)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(a); err != nil {
		log.Print(err)
	}
}

// fails tells whether the next request does: one after every so many, as in the original, and not at random.
func (s *service) fails() bool {
	return s.errorRate > 0 && s.requests.Add(1)%int64(1/s.errorRate) == 0
}

// duration is how long the next answer takes.
func (s *service) duration() time.Duration {
	if s.variance == 0 {
		return s.median
	}
	return s.median + s.median*time.Duration(rand.IntN(s.variance))/100
}

// body is the message: an object as it is, anything else as a string.
func (s *service) body() json.RawMessage {
	if strings.HasPrefix(s.message, "{") && json.Valid([]byte(s.message)) {
		return json.RawMessage(s.message)
	}
	body, err := json.Marshal(s.message)
	if err != nil {
		panic(err) // Every string has a form in JSON.
	}
	return body
}

// addresses are this machine's IPv4 addresses but loopback.
func addresses() (found []string) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		log.Print(err)
	}
	for _, address := range all {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			found = append(found, network.IP.String())
		}
	}
	return found
}
