package docker

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"

	"istio-lab/testbed/plugins/internal/own"
)

// changes are what differs between a state and the inputs, by path.
type changes map[string]p.PropertyDiff

// diff says what of a state has to change for the inputs, apart from the properties that are to be ignored.
func (s schema) diff(state, inputs map[string]any, ignored []string) changes {
	c := changes{}
	for name, f := range s {
		switch {
		case slices.Contains(ignored, name):
		case f.reported && state[name] == nil: // it failed
			c.note(name, f.replaces, false, true)
		case !f.reported:
			c.value(name, f, f.replaces, state[name], inputs[name])
		}
	}
	return c
}

// note records a change of a kind that follows from what there was and what there is to be.
func (c changes) note(at string, replaces, was, is bool) {
	kind := p.Update
	switch {
	case !was:
		kind = p.Add
	case !is:
		kind = p.Delete
	}
	if replaces {
		kind = own.Replacing(kind)
	}
	c[at] = p.PropertyDiff{Kind: kind}
}

func (c changes) value(at string, f field, replaces bool, old, new any) {
	if new == nil && f.computed {
		return
	}
	if new == nil {
		new = f.otherwise
	}
	was, is := old != nil, new != nil
	_, open := new.(own.Unknown)
	switch {
	case open:
		c.note(at, replaces, was, is)
	case f.kind == reflect.Map: // whose values may be empty
		c.dictionary(at, replaces, old, new)
	case same(old, new):
	case f.element == nil && f.fields == nil:
		c.note(at, replaces, was, is)
	case empty(old) || empty(new):
		c.note(at, replaces, !empty(old), !empty(new))
	case f.fields != nil:
		c.object(at, f.fields, replaces, old, new)
	case f.set:
		c.set(at, f, replaces, old.([]any), new.([]any))
	default:
		c.list(at, f, replaces, old.([]any), new.([]any))
	}
}

func (c changes) object(at string, s schema, replaces bool, old, new any) {
	was, is := old.(map[string]any), new.(map[string]any)
	for name, f := range s {
		c.value(join(at, name), f, replaces, was[name], is[name])
	}
}

func (c changes) dictionary(at string, replaces bool, old, new any) {
	if empty(old) && !empty(new) {
		c.note(at, replaces, false, true)
		return
	}
	was, _ := old.(map[string]any)
	is, _ := new.(map[string]any)
	keys := maps.Clone(is)
	if keys == nil {
		keys = map[string]any{}
	}
	maps.Copy(keys, was)
	for key := range keys {
		a, had := was[key]
		b, has := is[key]
		if had != has || !same(a, b) {
			c.note(fmt.Sprintf("%s[%q]", at, key), replaces, had, has)
		}
	}
}

func (c changes) list(at string, f field, replaces bool, old, new []any) {
	if f.anyOrder && len(without(old, new)) == 0 && len(without(new, old)) == 0 {
		return
	}
	for i := range max(len(old), len(new)) {
		at := fmt.Sprintf("%s[%d]", at, i)
		if i < len(old) && i < len(new) {
			c.value(at, *f.element, replaces, old[i], new[i])
		} else {
			c.note(at, replaces, i < len(old), i < len(new))
		}
	}
}

// set pairs an element that is gone with one that is new by their places.
func (c changes) set(at string, f field, replaces bool, old, new []any) {
	gone, added := without(old, new), without(new, old)
	if len(added) > 0 && f.addWhole {
		c.note(at, replaces, true, true)
		return
	}
	for i := range max(len(old), len(new)) {
		at := fmt.Sprintf("%s[%d]", at, i)
		switch was, is := slices.Contains(gone, i), slices.Contains(added, i); {
		case was && is:
			c.value(at, *f.element, replaces, old[i], new[i])
		case was || is:
			c.note(at, replaces, was, is)
		}
	}
}

// without are the places of a's elements that b does not have.
func without(a, b []any) (places []int) {
	for i, element := range a {
		if !slices.ContainsFunc(b, func(other any) bool { return same(element, other) }) {
			places = append(places, i)
		}
	}
	return places
}

// same compares values; to have none is the same as to have an empty one.
func same(a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for _, m := range []map[string]any{a, b} {
			for key := range m {
				if !same(a[key], b[key]) {
					return false
				}
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	}
	return a == b
}

// empty says whether a value is none, or as good as none.
func empty(v any) bool {
	switch v := v.(type) {
	case own.Unknown:
		return false
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil || reflect.ValueOf(v).IsZero()
}
