package conformance

import (
	"cmp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

// Run lets the plugins live through the suite's cases, one after the other, and compares them.
func (s Suite) Run(t *testing.T) {
	suite := cmp.Or(s.Name, s.Plugin)
	ours := open(t, s.Plugin, build(t, s.Plugin))
	official := openOfficial(t, s.Plugin)
	listed := slices.DeleteFunc(slices.Clone(differences), func(d Difference) bool { return d.Suite != suite })
	met := map[Difference]bool{}
	compared := 0
	comparison := func(t *testing.T, name string, official, ours Record) {
		unlisted, found := sift(compare(name, official, ours), listed)
		for d := range found {
			met[d] = true
		}
		for _, u := range unlisted {
			t.Errorf("%s\nmend it, or list it:\n\t{Suite: %q, At: %q, Why: \"…\"},", u, suite, u.at)
		}
		compared++
	}

	oursTook := configure(t, ours, s.Plugin, s.Config)
	if official != nil {
		comparison(t, "configuration", configure(t, official, s.Plugin, s.Config), oursTook)
	}
	for _, c := range s.Cases {
		t.Run(c.Name, func(t *testing.T) {
			rules := slices.Concat(c.Rules, s.Rules)
			column := func(name string, p plugin.Provider) (record Record) {
				t.Run(name, func(t *testing.T) { record = c.live(t, p, rules) })
				return record
			}
			oursSaid := column("ours", ours)
			if official == nil {
				t.Skip("Pulumi's own plugin is not here: what ours did was compared with nothing")
			}
			officialSaid := column("official", official)
			comparison(t, c.Name, officialSaid, oursSaid)
		})
	}
	if official == nil {
		t.Skip("Pulumi's own plugin is not here: nothing was compared")
	}
	if compared <= len(s.Cases) {
		return // only some of the cases were asked for
	}
	for _, d := range listed {
		if !met[d] && !d.Sometimes {
			t.Errorf("the listed difference %q of %s is none any more, or its case is gone: take it off the list", d.At, d.Suite)
		}
	}
}
