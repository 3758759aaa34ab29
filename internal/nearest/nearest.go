// Package nearest helps a person who has misspelt a name.
package nearest

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// far is how many letters a name may differ by and still be meant.
const far = 3

// Of ends a refusal of a name: with the nearest of the known names where one is near, and with all of them.
func Of[S ~string](name string, known []S) string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if one, ok := Name(name, names); ok {
		return fmt.Sprintf("; did you mean %q? There are %s", one, strings.Join(names, ", "))
	}
	return "; there are " + strings.Join(names, ", ")
}

// Name is the nearest of the known names; false where none is near.
func Name(name string, known []string) (nearest string, near bool) {
	distance := far
	for _, k := range known {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil); d < distance {
			nearest, distance = k, d
		}
	}
	return nearest, distance < far
}
