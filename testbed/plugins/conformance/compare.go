package conformance

import (
	"fmt"
	"maps"
	"slices"
)

// Difference is one that is known and stays.
type Difference struct {
	Suite string
	// At says where: "case / step / operation / path", an asterisk standing for anything.
	At  string
	Why string
	// Sometimes says that it is not in every run.
	Sometimes bool
}

// unlike is a place at which two records differ.
type unlike struct{ at, official, ours string }

func (u unlike) String() string {
	return fmt.Sprintf("%s\n  official: %s\n  ours:     %s", u.at, u.official, u.ours)
}

// compare says where two records of a case differ, in order.
func compare(name string, official, ours Record) (all []unlike) {
	at := maps.Clone(official)
	maps.Copy(at, ours)
	for _, key := range slices.Sorted(maps.Keys(at)) {
		a, b := official.say(key), ours.say(key)
		if a != b {
			all = append(all, unlike{name + " / " + key, a, b})
		}
	}
	return all
}

func (r Record) say(key string) string {
	if text, said := r[key]; said {
		return fmt.Sprintf("%q", text)
	}
	return "(nothing)"
}

// sift splits off what is listed, and says which entries of the list were met.
func sift(all []unlike, listed []Difference) (unlisted []unlike, met map[Difference]bool) {
	met = map[Difference]bool{}
	for _, u := range all {
		known := false
		for _, d := range listed {
			if matches(d.At, u.at) {
				met[d], known = true, true
			}
		}
		if !known {
			unlisted = append(unlisted, u)
		}
	}
	return unlisted, met
}
