package ratelimit

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/internal/golden"
	"istio-lab/internal/loyalty"
)

var manual = map[loyalty.Tier]int{loyalty.None: 1, loyalty.Bronze: 3, loyalty.Silver: 5, loyalty.Gold: 10}

func TestTheConfigurationIsWhatTheGoldenFileSays(t *testing.T) {
	golden.Check(t, filepath.Join("testdata", "config.yaml"), limits(manual).yaml())
}

func TestAChangedLimitChangesOneLine(t *testing.T) {
	changed := maps.Clone(manual)
	changed[loyalty.Silver] = 7
	before, after := strings.Split(limits(manual).yaml(), "\n"), strings.Split(limits(changed).yaml(), "\n")
	if len(before) != len(after) {
		t.Fatalf("%d lines became %d", len(before), len(after))
	}
	var differ []string
	for i := range before {
		if before[i] != after[i] {
			differ = append(differ, strings.TrimSpace(before[i])+" -> "+strings.TrimSpace(after[i]))
		}
	}
	if len(differ) != 1 || differ[0] != "requests_per_unit: 5 -> requests_per_unit: 7" {
		t.Errorf("what differs is %q", differ)
	}
}

func TestAServiceWithoutALimitForEveryTierIsRefused(t *testing.T) {
	err := (&ServiceArgs{Limits: map[loyalty.Tier]int{loyalty.Gold: -1, loyalty.Silver: 5}}).Validate()
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, want := range []string{
		"cluster is required", "both images are required",
		"the limit of no_loyalty is 0", "the limit of bronze is 0", "the limit of gold is -1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got:\n%v\nwithout %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "silver") {
		t.Errorf("a limit of 5 is refused: %v", err)
	}
}
