// Package lesson holds what each stage of the labs teaches, and what to try there.
package lesson

import (
	"embed"
	"fmt"
	"strings"

	"istio-lab/internal/settings"
)

// Language is one that the lessons are written in.
type Language string

// The languages.
const (
	English Language = "en"
	Korean  Language = "ko"
)

// Languages are all of them.
var Languages = []Language{English, Korean}

//go:embed en.md ko.md
var files embed.FS

// Of is the lesson of a stage: a paragraph, an empty line, and indented commands to try.
func Of(scenario settings.Scenario, stage settings.Stage, language Language) (string, error) {
	text, err := files.ReadFile(string(language) + ".md")
	if err != nil {
		return "", fmt.Errorf("there are no lessons in the language %q", language)
	}
	for section := range strings.SplitSeq(string(text), "## ") {
		if rest, ok := strings.CutPrefix(section, fmt.Sprintf("%s %s\n", scenario, stage)); ok {
			return strings.TrimSpace(rest) + "\n", nil
		}
	}
	return "", fmt.Errorf("the stage %s of %s has no lesson in the language %q", stage, scenario, language)
}
