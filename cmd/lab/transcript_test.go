package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestTheTranscriptShowsCommandsOfLabAndNoFoldersOfAPerson(t *testing.T) {
	text, err := os.ReadFile("../../docs/evening.cast")
	if err != nil {
		t.Fatal(err)
	}
	header, events, _ := strings.Cut(string(text), "\n")
	var shown strings.Builder
	for line := range strings.Lines(events) {
		var event [3]any // the time, the kind, and what is written
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		output, _ := event[2].(string)
		shown.WriteString(output)
	}
	commands := regexp.MustCompile(`(?m)^\$ lab (.*)\r$`).FindAllStringSubmatch(shown.String(), -1)
	if len(commands) != 7 {
		t.Errorf("it shows %d commands", len(commands))
	}
	for _, c := range commands {
		isCommand(t, c[1])
	}
	if folder := regexp.MustCompile(`/(home|root|Users|tmp)/\S*`).FindString(header + shown.String()); folder != "" {
		t.Errorf("it shows %s", folder)
	}
}
