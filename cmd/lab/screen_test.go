package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// shown is what a terminal shows of what was written to it, for the few controls that a screen uses.
func shown(t *testing.T, text string) string {
	var lines []string
	row := 0
	line := func() *string {
		for len(lines) <= row {
			lines = append(lines, "")
		}
		return &lines[row]
	}
	for len(text) > 0 {
		switch {
		case text[0] == '\n':
			line()
			row++
			text = text[1:]
		case text[0] == '\r':
			text = text[1:]
		case strings.HasPrefix(text, "\x1b[J"):
			line()
			lines, text = append(lines[:row], ""), text[3:]
		case text[0] == '\x1b':
			if len(text) < 4 || text[3] != 'A' {
				t.Fatalf("a terminal would not know %q", text)
			}
			row, text = row-int(text[2]-'0'), text[4:]
		default:
			end := strings.IndexAny(text, "\n\r\x1b")
			*line() += text[:end]
			text = text[end:]
		}
	}
	return strings.Join(lines, "\n")
}

func TestTheBlockStaysBelowWhatIsSaid(t *testing.T) {
	var out bytes.Buffer
	block := []string{"a 1", "b 1"}
	s := &screen{out: &out, size: func() (int, int) { return 20, 6 }, draw: func() []string { return block }, ended: make(chan struct{})}
	s.Write([]byte("first\nsec"))
	if got, want := shown(t, out.String()), "first\na 1\nb 1"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
	block = []string{"a 2", strings.Repeat("long ", 10), "c"}
	s.Write([]byte("ond\nthird\n"))
	s.Write([]byte("\n"))
	block = []string{"1", "2", "3", "4", "5"}
	s.Write([]byte("crowd\n"))
	if got, want := shown(t, out.String()), "first\nsecond\nthird\n\ncrowd\n1\n2\n3\n… and 2 more"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
	block = []string{"a 2", strings.Repeat("long ", 10), "c"}
	s.close()
	out.WriteString("after\n")
	s.tick() // it has waited since before
	if got, want := shown(t, out.String()), "first\nsecond\nthird\n\ncrowd\na 2\nlong long long lon…\nc\nafter"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
}

func TestWithoutATerminalNothingIsDrawn(t *testing.T) {
	var out bytes.Buffer
	v := speaking(&out)
	end := v.onScreen(func() []string { return []string{"a"} })
	v.Write([]byte("said\n"))
	end()
	if out.String() != "said\n" {
		t.Errorf("written: %q", &out)
	}
}

// speaking is a voice that says what it is told.
func speaking(out io.Writer) *voice {
	return &voice{out: out, said: func(text string) string { return text }}
}
