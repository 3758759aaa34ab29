package conformance

import (
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// live plays a case on one plugin, and says all that the plugin answered.
func (c Case) live(t *testing.T, p plugin.Provider, rules []Rule) Record {
	t.Helper()
	if c.Setup != nil {
		c.Setup(t)
	}
	l := &life{
		Case: c, plugin: p, urn: resource.NewURN("conformance", "istio-lab", "", c.Type, "it"),
		rules: rules, record: Record{}, seen: map[string][]string{}, now: c.Start,
	}
	defer func() {
		if l.now.ID != "" { // a step broke off, and has told why
			_ = l.remove("is cleared away")
		}
	}()
	for _, s := range c.Steps {
		if got := l.step(t, s); s.Does != "" && got != s.Does {
			t.Errorf("step %q: %q is what has to come of it, and %q came:\n%s", s.Name, s.Does, got, l.record.of(s.Name))
		}
	}
	if l.now.ID == "" {
		return l.record
	}
	const last = "is deleted"
	was := l.now
	if err := l.remove(last); err != nil || c.Stays {
		if err == nil || !c.Stays {
			t.Errorf("step %q: that it stays is %t, and its deletion came to: %v", last, c.Stays, err)
		}
		return l.record
	}
	l.read(last, "read", was)
	return l.record
}

// step is one run of the program.
func (l *life) step(t *testing.T, s Step) Effect {
	t.Helper()
	if s.Before != nil {
		s.Before(t, l.now)
	}
	if s.Refresh && l.now.ID != "" {
		l.now = l.read(s.Name, "refresh", l.now)
	}
	effect := l.apply(s.Name, l.inputs(s), withUnknowns(t, s, l.inputs(s)))
	if effect == Refused {
		return effect
	}
	if s.After != nil {
		l.said(s.Name, "look").properties("seen", properties(s.After(t, l.now)))
	}
	if checked, ok := l.check(s.Name, "check again", l.inputs(s)); ok {
		l.diff(s.Name, "diff again", checked)
	}
	l.read(s.Name, "read", l.now)
	return effect
}

// inputs are those of the step, less what the program's options say to ignore.
func (l *life) inputs(s Step) resource.PropertyMap {
	inputs := properties(s.Inputs)
	if l.now.ID != "" {
		for _, key := range l.IgnoreChanges {
			resource.PropertyPath{key}.Reset(l.now.Inputs, inputs)
		}
	}
	return inputs
}

// withUnknowns are the inputs as the preview knows them.
func withUnknowns(t *testing.T, s Step, inputs resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	for _, text := range s.Unknown {
		path, err := resource.ParsePropertyPath(text)
		if err != nil {
			t.Fatalf("step %q: unknown %q: %v", s.Name, text, err)
		}
		if !path.Set(resource.NewProperty(inputs), resource.MakeComputed(resource.NewProperty(""))) {
			t.Fatalf("step %q: the inputs have no %q that could be unknown", s.Name, text)
		}
	}
	return inputs
}

// apply is the preview and then the run itself, as far as they get.
func (l *life) apply(step string, inputs, foreseen resource.PropertyMap) Effect {
	planned, ok := l.check(step, "preview: check", foreseen)
	if !ok {
		return Refused
	}
	checked, ok := l.check(step, "check", inputs)
	if !ok {
		return Refused
	}
	if l.now.ID == "" {
		if !l.previewCreate(step, planned) || !l.create(step, checked) {
			return Refused
		}
		return l.unlessFailed(Creates)
	}
	switch l.decide(step, "preview: diff", planned) {
	case Replaces:
		if planned, ok = l.checkAnew(step, "preview: check anew", foreseen); ok {
			ok = l.previewCreate(step, planned)
		}
	case Updates:
		ok = l.previewUpdate(step, planned)
	}
	if !ok {
		return Refused
	}
	switch effect := l.decide(step, "diff", checked); effect {
	case Replaces:
		if checked, ok = l.checkAnew(step, "check anew", inputs); !ok || !l.replace(step, checked) {
			return Refused
		}
		return l.unlessFailed(effect)
	case Updates:
		if !l.update(step, checked) {
			return Refused
		}
		return l.unlessFailed(effect)
	default:
		l.now.Inputs = checked
		return effect
	}
}

func (l *life) unlessFailed(effect Effect) Effect {
	if l.now.Failed {
		return Fails
	}
	return effect
}

// decide says what the engine makes of the plugin's diff.
func (l *life) decide(step, operation string, inputs resource.PropertyMap) Effect {
	d := l.diff(step, operation, inputs)
	l.deleteFirst = l.DeleteBeforeReplace || d.DeleteBeforeReplace
	if d.Changes == plugin.DiffUnknown && !l.now.Inputs.DeepEquals(inputs) {
		d.Changes = plugin.DiffSome
	}
	switch {
	case d.Replace() || l.now.Failed && l.ReplaceOnInitError:
		return Replaces
	case d.Changes == plugin.DiffSome || l.now.Failed:
		return Updates
	default:
		return Nothing
	}
}

// replace leaves nothing behind if the deletion comes first and the creation is refused.
func (l *life) replace(step string, inputs resource.PropertyMap) bool {
	old := l.now
	if l.deleteFirst {
		return l.remove(step) == nil && l.create(step, inputs)
	}
	if !l.create(step, inputs) {
		l.now = old
		return false
	}
	made := l.now
	l.now = old
	err := l.remove(step)
	l.now = made
	return err == nil
}
