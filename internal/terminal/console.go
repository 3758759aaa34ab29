// Package terminal writes messages to a terminal, above a block of lines that changes in place.
package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// What is assumed of a terminal that does not know its size.
const (
	defaultWidth  = 80
	defaultHeight = 24
)

// Console is where all messages to the user go: to a terminal, or above the block that is shown there. It may be used by several goroutines.
type Console struct {
	mu      sync.Mutex
	out     io.Writer
	rewrite func(string) string
}

// NewConsole returns a console that rewrites each text that is written to it by a function, such as one that completes the commands in it.
func NewConsole(out io.Writer, rewrite func(string) string) *Console {
	return &Console{out: out, rewrite: rewrite}
}

// Write implements io.Writer.
func (c *Console) Write(text []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.out, c.rewrite(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// ShowBlock shows the lines that a function returns, and redraws them every second until end is called, which leaves the last of them on the
// terminal. If the console is not on a terminal, nothing is shown.
func (c *Console) ShowBlock(draw func() []string) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.out
	if !IsTerminal(out) || os.Getenv("TERM") == "dumb" {
		return func() {}
	}
	b := newBlock(out, draw)
	c.out = b
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		b.close()
		c.out = out
	}
}

// IsTerminal says whether an input or an output is a terminal.
func IsTerminal(stream any) bool {
	file, isFile := stream.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// Width is how many columns a terminal has.
func Width(out io.Writer) int {
	width, _ := size(out)
	return width
}

func size(out io.Writer) (width, height int) {
	if file, isFile := out.(*os.File); isFile {
		if width, height, err := term.GetSize(int(file.Fd())); err == nil && width >= 20 && height >= 5 {
			return width, height
		}
	}
	return defaultWidth, defaultHeight
}

// Truncate shortens a text to one line of at most so many columns. Korean letters take two columns each, and colors none.
func Truncate(text string, width int) string {
	return ansi.Truncate(oneLine.Replace(text), width, "…")
}

var oneLine = strings.NewReplacer("\n", " ", "\t", " ", "\r", "")

// block keeps lines at the end of what is written to a terminal.
type block struct {
	mu      sync.Mutex
	out     io.Writer
	size    func() (width, height int)
	draw    func() []string
	shown   int          // the lines on the terminal
	partial bytes.Buffer // what was written of a line that is not complete
	ended   chan struct{}
}

func newBlock(out io.Writer, draw func() []string) *block {
	b := &block{out: out, draw: draw, ended: make(chan struct{}), size: func() (int, int) { return size(out) }}
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-b.ended:
				return
			case <-tick.C:
				b.tick()
			}
		}
	}()
	return b
}

// tick redraws the block, unless it was closed while tick waited: what was written since stays where it is.
func (b *block) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.ended:
	default:
		b.redraw(nil)
	}
}

// Write writes above the block, whole lines at a time.
func (b *block) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.partial.Write(text)
	if i := bytes.LastIndexByte(b.partial.Bytes(), '\n'); i >= 0 {
		b.redraw(b.partial.Next(i + 1))
	}
	return len(text), nil
}

// close leaves the block as it is.
func (b *block) close() {
	close(b.ended)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.redraw(b.partial.Bytes())
}

// redraw writes text in the place of the block, and the block after it.
func (b *block) redraw(text []byte) {
	const up, clear = "\x1b[%dA", "\r\x1b[J"
	var all bytes.Buffer
	if b.shown > 0 {
		fmt.Fprintf(&all, up, b.shown)
	}
	all.WriteString(clear)
	all.Write(text)
	lines := b.draw()
	width, height := b.size()
	if most := height - 2; len(lines) > most { // what has left the terminal cannot be redrawn
		lines = append(lines[:most-1:most-1], fmt.Sprintf("… and %d more", len(lines)-most+1))
	}
	for _, line := range lines {
		all.WriteString(Truncate(line, width-1) + "\n")
	}
	b.shown = len(lines)
	_, _ = b.out.Write(all.Bytes()) // a terminal that is gone has no reader
}
