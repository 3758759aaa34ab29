package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// forecast gathers what a preview would change, by component in the order in which the program makes them.
type forecast struct {
	components []string
	changes    map[string][]change
	messages   *progress
}

// change is one line of a forecast.
type change struct{ sign, label, properties string }

// planned is a change as a program reads it.
type planned struct {
	Component  string `json:"component,omitempty"`
	Operation  string `json:"operation"` // create, update, replace or delete
	Resource   string `json:"resource"`
	Properties string `json:"properties,omitempty"` // those that differ, or that a replacement is for
}

// operations are what the signs stand for.
var operations = map[string]string{"+": "create", "~": "update", "+-": "replace", "-": "delete"}

// planned are all changes, in the order in which they are shown.
func (f *forecast) planned() []planned {
	all := []planned{}
	for _, group := range f.components {
		for _, c := range f.changes[group] {
			all = append(all, planned{group, operations[c.sign], c.label, c.properties})
		}
	}
	return all
}

// signs are Pulumi's own.
var signs = map[apitype.OpType]string{
	apitype.OpCreate: "+", apitype.OpUpdate: "~", apitype.OpDelete: "-", apitype.OpReplace: "+-",
}

func newForecast(out io.Writer) *forecast {
	return &forecast{changes: map[string][]change{}, messages: newProgress(out)}
}

func (f *forecast) handle(e events.EngineEvent) {
	if e.ResourcePreEvent == nil {
		if e.DiagnosticEvent != nil {
			f.messages.handle(e)
		}
		return
	}
	m := e.ResourcePreEvent.Metadata
	sign, shown := signs[m.Op]
	if !shown || !custom(m) {
		return
	}
	group := strings.TrimSuffix(component(stateOf(m)), ": ")
	if !slices.Contains(f.components, group) {
		f.components = append(f.components, group)
	}
	c := change{sign: sign, label: strings.TrimPrefix(label(m), group+": ")}
	switch m.Op {
	case apitype.OpUpdate:
		c.properties = changed(m)
	case apitype.OpReplace:
		c.properties = strings.Join(m.Keys, ", ")
		if was := labelOf(m, m.Old); m.Old != nil && was != label(m) { // under an alias
			c.label += " in the place of " + was
		}
	}
	f.changes[group] = append(f.changes[group], c)
}

// print shows the forecast; a summary ends it.
func (f *forecast) print(out io.Writer) {
	counts := map[string]int{}
	for _, group := range f.components {
		indent := ""
		if group != "" {
			fmt.Fprintf(out, "%s\n", group)
			indent = "    "
		}
		for _, c := range f.changes[group] {
			counts[c.sign]++
			line := fmt.Sprintf("%s%-2s %s", indent, c.sign, c.label)
			if c.properties != "" {
				line += "  (" + c.properties + ")"
			}
			fmt.Fprintln(out, line)
		}
	}
	if len(f.components) == 0 {
		fmt.Fprintln(out, "nothing would change")
		return
	}
	var parts []string
	for _, kind := range []struct{ sign, what string }{
		{"+", "to create"}, {"~", "to update"}, {"+-", "to replace"}, {"-", "to delete"},
	} {
		if n := counts[kind.sign]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind.what))
		}
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
}
