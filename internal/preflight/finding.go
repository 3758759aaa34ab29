package preflight

import "errors"

// Finding is what a look at one precondition of a lab found.
type Finding struct {
	// Topic names the precondition, Found says what there is of it, and Why what it is needed for.
	Topic, Found, Why string
	// Problems say what is wrong, and what to do about it.
	Problems []error
	// Advice says that a lab can be made in spite of the problems: perhaps it does without, or this host does not see all.
	Advice bool
}

// Stops joins the problems that have to be solved before anything can be made; nil if there are none.
func Stops(findings []Finding) error {
	var problems []error
	for _, f := range findings {
		if !f.Advice {
			problems = append(problems, f.Problems...)
		}
	}
	return errors.Join(problems...)
}
