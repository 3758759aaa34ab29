package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	remark  = regexp.MustCompile(`\s+#.*$`)
	heading = regexp.MustCompile("(?m)^\\| `([a-zA-Z.]+)` \\|")
	word    = regexp.MustCompile(`"[^"]*"|\S+`)
)

// commands are those that a README shows, without the remarks beside them.
func commands(t *testing.T, file string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const fence = "```"
	inside, shown := false, false // a block of another language shows no commands
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, fence):
			inside, shown = !inside, !inside && line == fence
		case shown:
			lines = append(lines, remark.ReplaceAllString(line, ""))
		}
	}
	return lines
}

func TestEveryCommandOfTheReadmeAndTheGuideIsOne(t *testing.T) {
	found := 0
	for line := range strings.Lines(guide) {
		if _, ok := strings.CutPrefix(line, "    lab "); ok {
			line, _, _ = strings.Cut(line, "      ")
			found += isCommand(t, strings.TrimPrefix(line, "    lab "))
		}
	}
	if found != 6 {
		t.Errorf("%d commands were found in the guide", found)
	}
	for _, line := range commands(t, "../../README.md") {
		args, ok := strings.CutPrefix(line, "bin/lab ")
		if !ok {
			continue
		}
		found += isCommand(t, args)
	}
	if found < 26 {
		t.Errorf("only %d commands were found", found)
	}
}

// isCommand is 1 for a command that lab has, and fails the test otherwise.
func isCommand(t *testing.T, args string) int {
	t.Helper()
	words := word.FindAllString(args, -1)
	for i := range words {
		words[i] = strings.Trim(words[i], `"`)
	}
	command, rest, err := (&lab{}).command().Find(words)
	if err == nil {
		err = command.ParseFlags(rest)
	}
	if err == nil {
		err = command.ValidateArgs(command.Flags().Args())
	}
	if err != nil || command.Name() == "lab" {
		t.Errorf("lab %s: %v", args, err)
	}
	return 1
}

func TestBothReadmesShowTheSameCommandsStagesAndSettings(t *testing.T) {
	if english, korean := commands(t, "../../README.md"), commands(t, "../../README.ko.md"); !slices.Equal(english, korean) {
		t.Errorf("commands in English %q\nin Korean %q", english, korean)
	}
	names := func(file string) (all []string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(string(text), "## How it is built")
		for _, found := range heading.FindAllStringSubmatch(before, -1) {
			all = append(all, found[1])
		}
		return all
	}
	if english, korean := names("../../README.md"), names("../../README.ko.md"); !slices.Equal(english, korean) || len(english) < 20 {
		t.Errorf("tables in English %q\nin Korean %q", english, korean)
	}
}
