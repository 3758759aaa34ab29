package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"istio-lab/internal/lesson"
	"istio-lab/internal/settings"
)

// at is a stack whose settings are of a stage, and of which another is built.
func at(stage settings.Stage, resources int, built settings.Stage, unfinished ...string) status {
	s := labSettings{Scenario: settings.Multicluster, Stage: stage, Release: "book", Student: 3}
	return status{Settings: &s, Resources: resources, Built: s.at(built).String(), Unfinished: unfinished}
}

// ofOther is a stack whose settings are of another scenario than what is built.
func ofOther(now status) status {
	now.Settings.Scenario, now.Settings.Stage, now.otherLab = settings.Extension, settings.Wasm, true
	return now
}

// ofPerson is a stack on clusters that are there.
func ofPerson(now status) status {
	now.Settings.Existing = true
	return now
}

func TestNextLeadsToTheStageAfterTheOneThatIsComplete(t *testing.T) {
	for name, test := range map[string]struct {
		now  status
		want settings.Stage
		says string
	}{
		"begins":                  {at(settings.Policy, 0, ""), settings.Clusters, ""},
		"goes on":                 {at(settings.Trust, 50, settings.Trust), settings.Mesh, ""},
		"completes what was cut":  {at(settings.Trust, 50, settings.LoadBalancer), settings.Trust, ""},
		"completes what was lost": {at(settings.Trust, 50, settings.Trust, "creating a"), settings.Trust, ""},
		"completes what was never": {func() status {
			now := at(settings.Trust, 50, "")
			now.Built = ""
			return now
		}(), settings.Trust, ""},
		"begins with the other scenario":   {ofOther(at(settings.Trust, 50, settings.Trust)), settings.Cluster, ""},
		"begins where the nodes are there": {ofPerson(at(settings.Policy, 0, "")), settings.Trust, ""},
		"ends":                             {at(settings.Policy, 139, settings.Policy), "", "policy is the last stage of multicluster"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := forth(test.now)
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestBackLeadsToTheStageBeforeThatOfTheSettings(t *testing.T) {
	for name, test := range map[string]struct {
		now  status
		want settings.Stage
		says string
	}{
		"goes back":                    {at(settings.Mesh, 80, settings.Mesh), settings.Trust, ""},
		"has to begin":                 {at(settings.Policy, 0, ""), "", "nothing is built"},
		"has nothing of this scenario": {ofOther(at(settings.Trust, 50, settings.Trust)), "", "nothing of extension is built"},
		"is at the front where the nodes are there": {ofPerson(at(settings.Trust, 12, settings.Trust)), "", "lab destroy"},
		"is at the front": {at(settings.Clusters, 12, settings.Clusters), "", "lab destroy"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := backwards(test.now)
			if got != test.want || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestTheLanguageIsTheOneAskedForOrTheLocales(t *testing.T) {
	for name, test := range map[string]struct {
		asked string
		env   map[string]string
		want  lesson.Language
	}{
		"nothing is said":             {"", nil, lesson.English},
		"a Korean locale":             {"", map[string]string{"LANG": "ko_KR.UTF-8"}, lesson.Korean},
		"messages in English":         {"", map[string]string{"LC_MESSAGES": "en_US.UTF-8", "LANG": "ko_KR.UTF-8"}, lesson.English},
		"English asked for in Korea":  {"en", map[string]string{"LANG": "ko_KR.UTF-8"}, lesson.English},
		"Korean asked for in the US":  {"ko", map[string]string{"LANG": "en_US.UTF-8"}, lesson.Korean},
		"all in Korean":               {"", map[string]string{"LC_ALL": "ko_KR.UTF-8", "LANG": "C"}, lesson.Korean},
		"a language without a lesson": {"", map[string]string{"LANG": "de_DE.UTF-8"}, lesson.English},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := chooseLanguage(test.asked, func(name string) string { return test.env[name] })
			if err != nil || got != test.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, err := chooseLanguage("kr", nil); err == nil || !strings.Contains(err.Error(), `did you mean "ko"?`) {
		t.Error(err)
	}
}

func TestALessonHasTheStacksOwnNames(t *testing.T) {
	l := &lab{stack: "ann"}
	s := &stack{config: map[string]string{studentKey: "7"}}
	got := l.named(s, "The lab has mypc.\n\n    lab kubeconfig --merge && eval \"$(lab env)\"\n"+
		"    docker exec mypc curl -sk https://east-control-plane:6443/version\n")
	want := "The lab has mypc.\n\n    lab --stack ann kubeconfig --merge && eval \"$(lab --stack ann env)\"\n" +
		"    docker exec mypc-07 curl -sk https://east-07-control-plane:6443/version\n"
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestWithoutATerminalNothingIsTakenForAYes(t *testing.T) {
	l := &lab{say: console(io.Discard)}
	if err := l.confirm(t.Context(), "destroy it"); !errors.As(err, &usage{}) || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("got %v", err)
	}
}
