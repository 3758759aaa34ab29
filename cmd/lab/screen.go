package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// voice is where everybody writes who has something to say: to a terminal, or above what a screen shows there.
type voice struct {
	sync.Mutex
	out io.Writer
	// said is a text as it is said to the person.
	said func(string) string
}

// Write implements io.Writer.
func (v *voice) Write(text []byte) (int, error) {
	v.Lock()
	defer v.Unlock()
	if _, err := io.WriteString(v.out, v.said(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// onScreen shows a block of lines until it is ended, if there is a terminal. Elsewhere what changes in place has no place.
func (v *voice) onScreen(draw func() []string) (end func()) {
	v.Lock()
	defer v.Unlock()
	out := v.out
	s := newScreen(out, draw)
	if s == nil {
		return func() {}
	}
	v.out = s
	return func() {
		v.Lock()
		defer v.Unlock()
		s.close()
		v.out = out
	}
}

// screen keeps a block of lines at the end of what is written to a terminal, and draws it anew every second.
type screen struct {
	sync.Mutex
	out   io.Writer
	size  func() (width, height int)
	draw  func() []string
	shown int // lines of the block
	begun bytes.Buffer
	ended chan struct{}
}

// newScreen returns a screen for a terminal; nil for anything else.
func newScreen(out io.Writer, draw func() []string) *screen {
	file, isFile := out.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	s := &screen{out: out, draw: draw, ended: make(chan struct{}), size: func() (int, int) {
		width, height, err := term.GetSize(int(file.Fd()))
		if err != nil || width < 20 || height < 5 {
			return 80, 24
		}
		return width, height
	}}
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-s.ended:
				return
			case <-tick.C:
				s.tick()
			}
		}
	}()
	return s
}

// tick draws the block anew, unless the screen was closed while it waited: what was written since stays where it is.
func (s *screen) tick() {
	s.Lock()
	defer s.Unlock()
	select {
	case <-s.ended:
	default:
		s.redraw(nil)
	}
}

// Write writes above the block, whole lines at a time.
func (s *screen) Write(text []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	s.begun.Write(text)
	if i := bytes.LastIndexByte(s.begun.Bytes(), '\n'); i >= 0 {
		s.redraw(s.begun.Next(i + 1))
	}
	return len(text), nil
}

// close leaves the block as it is.
func (s *screen) close() {
	close(s.ended)
	s.Lock()
	defer s.Unlock()
	s.redraw(s.begun.Bytes())
}

// redraw writes text in the place of the block, and the block after it.
func (s *screen) redraw(text []byte) {
	const up, clear = "\x1b[%dA", "\r\x1b[J"
	var all bytes.Buffer
	if s.shown > 0 {
		fmt.Fprintf(&all, up, s.shown)
	}
	all.WriteString(clear)
	all.Write(text)
	lines := s.draw()
	width, height := s.size()
	if most := height - 2; len(lines) > most { // what has left the terminal cannot be drawn anew
		lines = append(lines[:most-1:most-1], fmt.Sprintf("… and %d more", len(lines)-most+1))
	}
	for _, line := range lines {
		all.WriteString(fit(line, width-1) + "\n")
	}
	s.shown = len(lines)
	_, _ = s.out.Write(all.Bytes()) // a terminal that is gone has no reader
}

// fit cuts a line to a width, so that it stays one.
func fit(line string, width int) string {
	runes := []rune(strings.ReplaceAll(line, "\n", " "))
	if len(runes) <= width {
		return string(runes)
	}
	return string(runes[:width-1]) + "…"
}
