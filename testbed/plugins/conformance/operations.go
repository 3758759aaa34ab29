package conformance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// seed is what names are drawn from: the same for both columns.
var seed = []byte("the conformance suite of the lab")

// life is a case on one plugin. Each of its operations is a call of the plugin, whose answer is recorded.
type life struct {
	Case
	plugin      plugin.Provider
	urn         resource.URN
	rules       []Rule
	record      Record
	seen        map[string][]string
	now         State
	deleteFirst bool // when the resource is replaced
}

func (l *life) said(step, operation string) recorder {
	return recorder{record: l.record, rules: l.rules, seen: l.seen, at: step + " / " + operation}
}

func (l *life) check(step, operation string, inputs resource.PropertyMap) (resource.PropertyMap, bool) {
	return l.checkAfter(step, operation, l.now.Inputs, inputs, seed)
}

// checkAnew is a check of what comes in place of the resource: of former inputs, such as a name that was chosen, it knows nothing.
func (l *life) checkAnew(step, operation string, inputs resource.PropertyMap) (resource.PropertyMap, bool) {
	return l.checkAfter(step, operation, nil, inputs, slices.Concat(seed, []byte(step)))
}

func (l *life) checkAfter(step, operation string, olds, inputs resource.PropertyMap, seed []byte) (resource.PropertyMap, bool) {
	said := l.said(step, operation)
	got, err := l.plugin.Check(context.Background(), plugin.CheckRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, Olds: olds, News: inputs, AllowUnknowns: true, RandomSeed: seed,
	})
	said.failures(got.Failures)
	said.properties("inputs", got.Properties)
	return got.Properties, said.accepted(err) && len(got.Failures) == 0
}

func (l *life) diff(step, operation string, inputs resource.PropertyMap) plugin.DiffResult {
	said := l.said(step, operation)
	d, err := l.plugin.Diff(context.Background(), plugin.DiffRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, ID: l.now.ID, OldInputs: l.now.Inputs, OldOutputs: l.now.Outputs,
		NewInputs: inputs, AllowUnknowns: true, IgnoreChanges: l.IgnoreChanges,
	})
	said.accepted(err)
	said.diff(d)
	return d
}

func (l *life) previewCreate(step string, inputs resource.PropertyMap) bool {
	said := l.said(step, "preview: create")
	got, err := l.plugin.Create(context.Background(), plugin.CreateRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, Properties: inputs, Timeout: l.TimeoutSeconds, Preview: true,
	})
	said.properties("outputs", got.Properties)
	return said.accepted(err)
}

func (l *life) create(step string, inputs resource.PropertyMap) bool {
	said := l.said(step, "create")
	got, err := l.plugin.Create(context.Background(), plugin.CreateRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, Properties: inputs, Timeout: l.TimeoutSeconds,
	})
	said.text("id", string(got.ID))
	said.properties("outputs", got.Properties)
	accepted := said.accepted(err)
	if accepted || got.Status == resource.StatusPartialFailure && got.ID != "" {
		l.now = State{ID: got.ID, Inputs: inputs, Outputs: got.Properties, Failed: !accepted}
		return true
	}
	return false
}

func (l *life) previewUpdate(step string, inputs resource.PropertyMap) bool {
	said := l.said(step, "preview: update")
	got, err := l.plugin.Update(context.Background(), l.updateTo(inputs, true))
	said.properties("outputs", got.Properties)
	return said.accepted(err)
}

func (l *life) update(step string, inputs resource.PropertyMap) bool {
	said := l.said(step, "update")
	got, err := l.plugin.Update(context.Background(), l.updateTo(inputs, false))
	said.properties("outputs", got.Properties)
	accepted := said.accepted(err)
	if accepted || got.Status == resource.StatusPartialFailure {
		l.now = State{ID: l.now.ID, Inputs: inputs, Outputs: got.Properties, Failed: !accepted}
		return true
	}
	return false
}

func (l *life) updateTo(inputs resource.PropertyMap, preview bool) plugin.UpdateRequest {
	return plugin.UpdateRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, ID: l.now.ID, OldInputs: l.now.Inputs, OldOutputs: l.now.Outputs,
		NewInputs: inputs, Timeout: l.TimeoutSeconds, IgnoreChanges: l.IgnoreChanges, Preview: preview,
	}
}

// read says what became of a resource; what cannot be read is as it was.
func (l *life) read(step, operation string, was State) State {
	said := l.said(step, operation)
	got, err := l.plugin.Read(context.Background(), plugin.ReadRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, ID: was.ID, Inputs: was.Inputs, State: was.Outputs,
	})
	said.text("id", string(got.ID))
	said.properties("inputs", got.Inputs)
	said.properties("outputs", got.Outputs)
	accepted := said.accepted(err)
	switch {
	case !accepted && got.Status != resource.StatusPartialFailure:
		return was
	case got.ID == "" || got.Outputs == nil:
		return State{}
	case got.Inputs == nil:
		got.Inputs = was.Inputs
	}
	return State{ID: got.ID, Inputs: got.Inputs, Outputs: got.Outputs, Failed: !accepted}
}

// remove deletes the resource, which is forgotten then.
func (l *life) remove(step string) error {
	_, err := l.plugin.Delete(context.Background(), plugin.DeleteRequest{
		URN: l.urn, Name: l.urn.Name(), Type: l.Type, ID: l.now.ID, Inputs: l.now.Inputs, Outputs: l.now.Outputs, Timeout: l.TimeoutSeconds,
	})
	if l.said(step, "delete").accepted(err) {
		l.now = State{}
	}
	return err
}

// accepted records why not, if so.
func (r recorder) accepted(err error) bool {
	var failed *plugin.InitError
	switch {
	case errors.As(err, &failed):
		for i, reason := range failed.Reasons {
			r.text("reasons["+strconv.Itoa(i)+"]", reason)
		}
	case err != nil:
		r.text("error", strings.TrimSpace(err.Error()))
	}
	return err == nil
}
