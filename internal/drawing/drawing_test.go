package drawing

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"istio-lab/internal/golden"
	"istio-lab/internal/settings"
)

// readme says what each stage adds, as the tables of README.md have it.
func readme(t *testing.T) func(settings.Scenario, settings.Stage) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (.+) \\|$").FindAllStringSubmatch(string(text), -1)
	return func(scenario settings.Scenario, stage settings.Stage) string {
		is := func(name string) func([]string) bool { return func(row []string) bool { return row[1] == name } }
		if table := slices.IndexFunc(rows, is(string(scenario))); table >= 0 {
			if row := slices.IndexFunc(rows[table:], is(string(stage))); row >= 0 {
				return rows[table:][row][2]
			}
		}
		t.Errorf("README.md does not say what the stage %s of %s adds", stage, scenario)
		return ""
	}
}

func TestTheDocumentShowsWhatTheTableSays(t *testing.T) {
	golden.Check(t, "../../docs/stages.md", Document(readme(t)))
}

// Mermaid takes no class of nothing.
func TestEveryStageAddsSomethingToItsPicture(t *testing.T) {
	for scenario, s := range scenes {
		for _, stage := range settings.Stages(scenario) {
			if !slices.ContainsFunc(s.things, func(t Thing) bool { return t.Stage == stage }) {
				t.Errorf("%s of %s adds nothing", stage, scenario)
			}
		}
	}
}

func TestEveryArrowJoinsThingsThatThereAre(t *testing.T) {
	for scenario, s := range scenes {
		stages := settings.Stages(scenario)
		for _, a := range s.arrows {
			for _, end := range []string{a.from, a.to} {
				i := slices.IndexFunc(s.things, func(t Thing) bool { return t.ID == end })
				if i < 0 || slices.Index(stages, s.things[i].Stage) > slices.Index(stages, a.stage) {
					t.Errorf("%s: at %s there is no %s for the arrow from %s to %s", scenario, a.stage, end, a.from, a.to)
				}
			}
		}
	}
}
