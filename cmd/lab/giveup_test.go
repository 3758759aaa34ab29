package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"istio-lab/internal/terminal"
)

func TestTheFirstThingThatOnlyAPersonCanMendIsWhyTheUpdateEnds(t *testing.T) {
	var said bytes.Buffer
	l, s := &lab{say: console(&said)}, &stack{}
	updating, done := l.givingUp(t.Context(), s)
	defer done()
	if updating.Err() != nil {
		t.Fatal("it ends by itself")
	}
	first, second := errors.New("the image a cannot be pulled"), errors.New("the image b cannot be pulled")
	s.listener.Stuck(first)
	s.listener.Stuck(second)
	if updating.Err() == nil {
		t.Error("it goes on")
	}
	if err := l.failure(updating, context.Canceled, newProgress(&said)); err != first {
		t.Errorf("the command ends with %v", err)
	}
	if t.Context().Err() != nil {
		t.Error("it is taken for an interrupt")
	}
	if strings.Count(said.String(), "\n") != 1 {
		t.Errorf("said:\n%s", &said)
	}
}

func TestAnInterruptIsToldApartFromGivingUp(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	l, s := &lab{say: console(&bytes.Buffer{})}, &stack{}
	updating, done := l.givingUp(interrupted, s)
	defer done()
	interrupt()
	s.listener.Stuck(errors.New("the image a cannot be pulled"))
	if err := l.failure(updating, nil, newProgress(l.say)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// console returns a console that writes texts as they are.
func console(out io.Writer) *terminal.Console {
	return terminal.NewConsole(out, func(text string) string { return text })
}
