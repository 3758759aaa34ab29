package conformance

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Map is a resource's inputs, or a plugin's configuration, in plain Go values.
type Map map[string]any

// Suite is all that is compared of one plugin.
type Suite struct {
	Name   string // what the suite is called in the list of differences, if not as the plugin
	Plugin string // its name, such as "docker"
	Config Map
	Rules  []Rule
	Cases  []Case
}

// Case is the life of one resource.
type Case struct {
	Name  string
	Type  tokens.Type
	Rules []Rule // applied before the suite's
	// Setup makes what has to be there before the resource, for either column anew. It removes it by t.Cleanup.
	Setup func(t *testing.T)

	// Start is what Pulumi remembers of the resource before the first step, if it is there already.
	Start State

	// What the program's resource options say:

	DeleteBeforeReplace bool
	IgnoreChanges       []string
	ReplaceOnInitError  bool
	TimeoutSeconds      float64

	Steps []Step
	// Stays says that it cannot be deleted in the end.
	Stays bool
}

// Step is one run of a program.
type Step struct {
	Name   string
	Before func(t *testing.T, now State) // touches the thing from outside
	// Refresh has the run start with a look at what there is.
	Refresh bool
	Inputs  Map
	Unknown []string // paths of the inputs that the preview does not know
	Does    Effect
	After   func(t *testing.T, now State) Map // says what is to be seen from outside
}

// Effect is what comes of a step.
type Effect string

// What can come of a step.
const (
	Creates  Effect = "creates"
	Updates  Effect = "updates"
	Replaces Effect = "replaces"
	Nothing  Effect = "nothing"
	// Refused: the inputs or the operation are; there is what there was before.
	Refused Effect = "refused"
	// Fails: the resource is there, and is not as it has to be.
	Fails Effect = "fails"
)

// State is what Pulumi remembers of a resource.
type State struct {
	ID              resource.ID // empty when there is none
	Inputs, Outputs resource.PropertyMap
	Failed          bool // it was made, and did not become ready
}

// Rule tells a value that differs by nature in a form that does not.
type Rule struct {
	// At is the value's path within one answer, such as outputs.ports[0].external; an asterisk stands for anything.
	At string
	// As gets a text as it is and all else as JSON. It is not asked for secrecy, which is always compared.
	As func(value string) string
	// Numbered adds which one it is of the values told alike in this case, by the order in which they appeared: so it is seen that a
	// resource keeps its identifier, or gets another.
	Numbered bool
}

// Something is the rule for a value of which only the presence can be compared.
func Something(value string) string {
	if value == "" || value == "null" {
		return value
	}
	return "…"
}

// Untold is what a rule makes of a value that is as good as none.
const Untold = "(as good as none)"

// UnlessEmpty is the rule for values that one plugin tells as empty, and the other not at all.
func UnlessEmpty(value string) string {
	switch value {
	case "", "null", "false", "0", "[]", "{}":
		return Untold
	}
	return value
}
