package machine

import "testing"

func TestTheBoundingSetTellsWhetherSysResourceIsWithheld(t *testing.T) {
	for set, want := range map[string]bool{"000001ffffffffff": false, "000001fffeffffff": true, "0000000000000000": true} {
		got, err := lacksSysResource("Name:\ttest\nCapBnd:\t" + set + "\nCapAmb:\t0\n")
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", set, got, err, want)
		}
	}
	for _, status := range []string{"", "CapBnd:\tx\n"} {
		if _, err := lacksSysResource(status); err == nil {
			t.Errorf("%q: want an error", status)
		}
	}
}
