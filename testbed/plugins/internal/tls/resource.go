package tls

import (
	"reflect"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// resourceType is a type of resource that the plugin makes.
type resourceType struct {
	fields map[string]field
	// meta is what Pulumi's own plugin notes in the state.
	meta string
	// make returns the computed properties of a planned state, of which all inputs are known.
	make func(planned map[string]any) (map[string]any, error)
}

// field is what is known of a property.
type field struct {
	kind reflect.Kind // of an input; without one, a program may not give it
	// element is the kind of a list's elements; fields are those of an object.
	element reflect.Kind
	fields  map[string]field

	required bool
	oneOf    []string // the only values of a string, or of a list's elements
	least    *float64 // of a number

	otherwise any  // the default
	secret    bool // even if the program does not say so
	// computed: without a value of the program it is made with the resource, and kept. A volatile one is made again after any change.
	computed, volatile bool
	// replaces: a change replaces the resource. With replacesPEM it does only if the state holds PEM.
	replaces, replacesPEM bool
}

// idKey is the property that repeats the ID.
const idKey = "id"

// plan returns the state that an update to the inputs leads to, or a creation if there is no state (nil). What has yet to be made is
// unknown in it.
func (r resourceType) plan(state, inputs map[string]any) map[string]any {
	planned := map[string]any{}
	for name, f := range r.fields {
		switch given, was := inputs[name], state[name]; {
		case given != nil:
			planned[name] = given
		case f.otherwise != nil:
			planned[name] = f.otherwise
		case f.computed && was != nil:
			planned[name] = was
		}
	}
	if len(r.changed(state, planned)) > 0 {
		for name, f := range r.fields {
			if f.computed && inputs[name] == nil && (state == nil || f.volatile) {
				planned[name] = own.Unknown{}
			}
		}
	}
	r.planRenewal(planned)
	return planned
}

// changed returns the names of the properties in which a planned state differs.
func (r resourceType) changed(state, planned map[string]any) (names []string) {
	for name := range r.fields {
		if !reflect.DeepEqual(state[name], planned[name]) {
			names = append(names, name)
		}
	}
	return names
}

// diff returns what an update of a state to the inputs changes.
func (r resourceType) diff(state, inputs map[string]any) map[string]p.PropertyDiff {
	changes := map[string]p.PropertyDiff{}
	planned := r.plan(state, inputs)
	for _, name := range r.changed(state, planned) {
		f, was, is := r.fields[name], state[name], planned[name]
		kind := p.Update
		switch {
		case was == nil:
			kind = p.Add
		case is == nil:
			kind = p.Delete
		}
		if f.replaces || f.replacesPEM && isPEM(was) || name == readyKey && is == (own.Unknown{}) {
			kind = own.Replacing(kind)
		}
		changes[name] = p.PropertyDiff{Kind: kind}
	}
	return changes
}

// create makes what is planned, and returns the values of its state.
func (r resourceType) create(planned map[string]any) (map[string]any, error) {
	computed, err := r.make(planned)
	if err != nil {
		return nil, err
	}
	for name, value := range planned {
		if made, ok := computed[name]; ok {
			planned[name] = made
		} else if value == (own.Unknown{}) {
			delete(planned, name) // a path length that the program does not give
		}
	}
	return planned, nil
}

// state returns values as they are kept in the stack's state.
func (r resourceType) state(values map[string]any, inputs property.Map) property.Map {
	state := r.properties(values, inputs)
	if r.meta != "" {
		state = state.Set("__meta", property.New(r.meta))
	}
	return state
}

// properties returns values as the engine takes them. What comes from an input is as secret as that.
func (r resourceType) properties(values map[string]any, inputs property.Map) property.Map {
	properties := own.Properties(values)
	for name := range values {
		if given := inputs.Get(name); !given.IsNull() {
			properties = properties.Set(name, given)
		}
	}
	return r.withSecrets(properties)
}

// withSecrets marks what is always a secret, except, as Pulumi's own plugin, what has yet to be made.
func (r resourceType) withSecrets(properties property.Map) property.Map {
	for name, f := range r.fields {
		if value, ok := properties.GetOk(name); ok && f.secret && !(f.computed && value.IsComputed()) {
			properties = properties.Set(name, value.WithSecret(true))
		}
	}
	return properties
}
