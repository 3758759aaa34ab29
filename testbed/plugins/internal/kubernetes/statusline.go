package kubernetes

import (
	"context"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// statusLine is the line that the engine shows beside a resource while the plugin waits. It says nothing twice.
type statusLine struct {
	log  p.Logger
	lock sync.Mutex
	said map[string]bool
}

func newStatus(ctx context.Context) *statusLine {
	// What is still to be said when the waiting was cancelled is to reach the engine, too.
	return &statusLine{log: p.GetLogger(context.WithoutCancel(ctx)), said: map[string]bool{}}
}

func (s *statusLine) info(message string) { s.say(message, s.log.InfoStatus) }

func (s *statusLine) warn(message string) { s.say(message, s.log.WarningStatus) }

func (s *statusLine) say(message string, log func(string)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if message != "" && !s.said[message] {
		s.said[message] = true
		log(message)
	}
}

func (s *statusLine) clear() { s.log.InfoStatus("") }
