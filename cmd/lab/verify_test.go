package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/checks"
	"istio-lab/internal/settings"
)

// threeRungs has three rungs in two stages, the second of which may be broken.
var threeRungs = []checks.Check{
	{Stage: settings.Clusters, Claim: "the first stands"}, {Stage: settings.Clusters, Claim: "the second stands"},
	{Stage: settings.Trust, Claim: "the third stands"},
}

func climbed(t *testing.T, broken, keepGoing bool) (looked int, printed string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = report(t.Context(), &out, threeRungs, keepGoing, looker(&looked, broken))
	return looked, out.String(), err
}

// looker looks at rungs and counts them.
func looker(looked *int, broken bool) func(checks.Check) (string, error) {
	return func(c checks.Check) (string, error) {
		if *looked++; broken && c.Claim == "the second stands" {
			return "", errors.New("it leans:\nto the left")
		}
		return "upright", nil
	}
}

func TestAProgramReadsEachRungAsJSON(t *testing.T) {
	var out bytes.Buffer
	looked := 0
	if err := reportJSON(t.Context(), &out, threeRungs, false, looker(&looked, true)); !errors.Is(err, errShown) {
		t.Errorf("a broken rung is no failure: %v", err)
	}
	var all []claim
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Seconds = 0
	}
	want := []claim{
		{Stage: settings.Clusters, Claim: "the first stands", True: true, Saw: "upright"},
		{Stage: settings.Clusters, Claim: "the second stands", Saw: "it leans:\nto the left"},
	}
	if !slices.Equal(all, want) {
		t.Errorf("got  %+v\nwant %+v", all, want)
	}
}

func TestAClimbShowsEachRungAndWhatWasSeen(t *testing.T) {
	looked, printed, err := climbed(t, false, false)
	if err != nil || looked != 3 {
		t.Errorf("it looked at %d rungs: %v", looked, err)
	}
	for _, line := range []string{
		"clusters\n  ok ", "  the first stands: upright\n", "trust\n  ok ", "  the third stands: upright\n", "all 3 claims are true\n",
	} {
		if !strings.Contains(printed, line) {
			t.Errorf("it does not print %q:\n%s", line, printed)
		}
	}
}

func TestAClimbEndsAtTheFirstBrokenRung(t *testing.T) {
	looked, printed, err := climbed(t, true, false)
	if !errors.Is(err, errShown) || looked != 2 {
		t.Errorf("it looked at %d rungs: %v", looked, err)
	}
	for _, line := range []string{
		"  FAILED ", "  the second stands: it leans:\n    to the left\n", "broken at clusters: the second stands\n",
		"not looked at: 1 more of trust\n",
	} {
		if !strings.Contains(printed, line) {
			t.Errorf("it does not print %q:\n%s", line, printed)
		}
	}
}

func TestAClimbThatKeepsGoingLooksAtAllAndFailsAllTheSame(t *testing.T) {
	looked, printed, err := climbed(t, true, true)
	if !errors.Is(err, errShown) || looked != 3 || !strings.HasSuffix(printed, "not true: 1 of 3 claims\n") {
		t.Errorf("it looked at %d rungs: %v\n%s", looked, err, printed)
	}
}
