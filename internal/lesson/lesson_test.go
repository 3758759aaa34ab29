package lesson

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

func TestEveryStageHasOneParagraphAndSomethingToTryInEveryLanguage(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, stage := range settings.Stages(scenario) {
			var commands []string
			for _, language := range Languages {
				text, err := Of(scenario, stage, language)
				if err != nil {
					t.Error(err)
					continue
				}
				paragraph, try, _ := strings.Cut(text, "\n\n")
				if strings.Contains(paragraph, "\n") || len(paragraph) < 150 {
					t.Errorf("%s %s in %s: not one paragraph: %q", scenario, stage, language, paragraph)
				}
				var tries []string
				for line := range strings.Lines(try) {
					if !strings.HasPrefix(line, "    ") {
						t.Errorf("%s %s in %s: %q is not a command", scenario, stage, language, line)
					}
					command, _, _ := strings.Cut(strings.TrimSpace(line), "      #")
					tries = append(tries, strings.TrimSpace(command))
				}
				if language == English {
					commands = tries
				} else if !slices.Equal(tries, commands) {
					t.Errorf("%s %s in %s has other commands to try: %q, and not %q", scenario, stage, language, tries, commands)
				}
			}
			if len(commands) == 0 {
				t.Errorf("%s %s has nothing to try", scenario, stage)
			}
		}
	}
}

func TestNoLessonIsOfAStageThatThereIsNot(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^## (\S+) (\S+)$`)
	for _, language := range Languages {
		text, err := files.ReadFile(string(language) + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range heading.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(settings.Stages(settings.Scenario(found[1])), settings.Stage(found[2])) {
				t.Errorf("%s: %s", language, found[0])
			}
		}
	}
}

func TestTheImageThatALessonRunsIsThatOfEveryRelease(t *testing.T) {
	text, err := Of(settings.Multicluster, settings.Policy, English)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range release.Names() {
		r, err := release.For(name, release.Overrides{})
		if err != nil {
			t.Fatal(err)
		}
		if image := "--image=" + r.Images[release.Client] + " "; !strings.Contains(text, image) {
			t.Errorf("the lesson does not say %s, which the release %s has", image, name)
		}
	}
}
