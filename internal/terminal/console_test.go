package terminal

import (
	"bytes"
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
	lines := []string{"a 1", "b 1"}
	s := &block{out: &out, size: func() (int, int) { return 20, 6 }, draw: func() []string { return lines }, ended: make(chan struct{})}
	s.Write([]byte("first\nsec"))
	if got, want := shown(t, out.String()), "first\na 1\nb 1"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
	lines = []string{"a 2", strings.Repeat("long ", 10), "c"}
	s.Write([]byte("ond\nthird\n"))
	s.Write([]byte("\n"))
	lines = []string{"1", "2", "3", "4", "5"}
	s.Write([]byte("crowd\n"))
	if got, want := shown(t, out.String()), "first\nsecond\nthird\n\ncrowd\n1\n2\n3\n… and 2 more"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
	lines = []string{"a 2", strings.Repeat("long ", 10), "c"}
	s.close()
	out.WriteString("after\n")
	s.tick() // it has waited since before
	if got, want := shown(t, out.String()), "first\nsecond\nthird\n\ncrowd\na 2\nlong long long lon…\nc\nafter"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
}

func TestWithoutATerminalNothingIsDrawn(t *testing.T) {
	var out bytes.Buffer
	c := NewConsole(&out, strings.ToUpper)
	end := c.ShowBlock(func() []string { return []string{"a"} })
	c.Write([]byte("said\n"))
	end()
	if out.String() != "SAID\n" {
		t.Errorf("written: %q", &out)
	}
}

func TestALineIsTruncatedToTheColumnsThatItTakes(t *testing.T) {
	for text, want := range map[string]string{
		"short":                           "short",
		"ten letter":                      "ten letter",
		"eleven lett":                     "eleven le…",
		"클러스터 둘":                          "클러스터 …", // two columns a letter
		"두 줄\n\t하나":                       "두 줄  하…",
		"\x1b[31mred\x1b[0m and so forth": "\x1b[31mred\x1b[0m and s…",
	} {
		if got := Truncate(text, 10); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}
