package docker

import (
	"context"
	"errors"
	"reflect"

	"github.com/moby/moby/client"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// resourceType is a type of resource that the plugin makes.
type resourceType struct {
	schema
	// meta is what Pulumi's own plugin notes in the state, and needs to find there if it is to go on with it.
	meta string
	// deleteFirst says that the old resource has to go before the new one can come.
	deleteFirst bool
	// decode turns inputs, or a state, which holds the inputs, into what they are about.
	decode func(property.Map) (thing, error)
}

// thing is what Docker is to have, or has.
type thing interface {
	// create may fail after it has made something, and then returns the ID all the same.
	create(ctx context.Context, docker *client.Client) (id string, err error)
	// read returns what Docker reports, or nil if the thing is gone.
	read(ctx context.Context, docker *client.Client, id string) (map[string]any, error)
	update(ctx context.Context, docker *client.Client, id string) error
	remove(ctx context.Context, docker *client.Client, id string) error
}

// newType describes a type by a struct, which its inputs are decoded into.
func newType[T thing](meta string, deleteFirst bool) resourceType {
	return resourceType{
		schema: schemaOf(reflect.TypeFor[T]()), meta: meta, deleteFirst: deleteFirst,
		decode: func(properties property.Map) (thing, error) { return own.Decode[T](own.PlainMap(properties)) },
	}
}

// state is what is remembered of a resource: its inputs, and over them what Docker reports.
func (r resourceType) state(inputs, seen property.Map) property.Map {
	all := r.remembered(inputs).AsMap()
	for name, value := range r.remembered(seen).All {
		all[name] = value
	}
	for name, f := range r.schema {
		if _, known := all[name]; f.computed && f.kind == reflect.Slice && !known {
			all[name] = property.New([]property.Value{}) // none at all, Pulumi's own plugin would replace the resource for it
		}
	}
	all["__meta"] = property.New(r.meta)
	return property.NewMap(all)
}

// foreseen is the state as a preview can know it.
func (r resourceType) foreseen(inputs property.Map) property.Map {
	state := r.remembered(inputs)
	for name, f := range r.schema {
		if _, given := state.GetOk(name); (f.computed || f.reported) && !given {
			state = state.Set(name, property.New(property.Computed))
		}
	}
	return state
}

// updated is the state after an update: what the inputs do not say stays.
func (r resourceType) updated(state, inputs property.Map) property.Map {
	for name, f := range r.schema {
		if _, given := inputs.GetOk(name); !given && !f.computed && !f.reported {
			state = state.Delete(name)
		}
	}
	return r.state(state, inputs)
}

// reread are the inputs after a look at what there is: what Docker reports otherwise than they say, they say so too.
func (r resourceType) reread(inputs, seen property.Map) property.Map {
	for name, value := range r.remembered(seen).All {
		_, known := r.schema[name]
		if was, given := inputs.GetOk(name); known && given && !same(own.Plain(was), own.Plain(value)) {
			inputs = inputs.Set(name, value)
		}
	}
	return withoutEmptyNotes(property.New(inputs)).AsMap()
}

// withoutEmptyNotes leaves out the notes that none of an object's properties has its default.
func withoutEmptyNotes(v property.Value) property.Value {
	switch {
	case v.IsMap():
		object := v.AsMap()
		for name, value := range object.All {
			if name == defaultsNote && value.IsArray() && value.AsArray().Len() == 0 {
				object = object.Delete(name)
				continue
			}
			object = object.Set(name, withoutEmptyNotes(value))
		}
		return property.WithGoValue(v, object)
	case v.IsArray() && v.AsArray().Len() > 0: // of none, AsSlice is nil, which would make it null
		elements := v.AsArray().AsSlice()
		for i := range elements {
			elements[i] = withoutEmptyNotes(elements[i])
		}
		return property.WithGoValue(v, elements)
	}
	return v
}

func (r resourceType) made(ctx context.Context, docker *client.Client, req p.CreateRequest) (p.CreateResponse, error) {
	if req.DryRun {
		return p.CreateResponse{Properties: r.foreseen(req.Properties)}, nil
	}
	wanted, err := r.decode(req.Properties)
	if err != nil {
		return p.CreateResponse{}, err
	}
	id, err := wanted.create(ctx, docker)
	if id == "" {
		return p.CreateResponse{}, err
	}
	var seen map[string]any
	if err == nil {
		if seen, err = wanted.read(ctx, docker, id); err == nil && seen == nil {
			err = errors.New("it was gone as soon as it was made")
		}
	}
	made := p.CreateResponse{ID: id, Properties: r.state(req.Properties, own.Properties(seen))}
	if err != nil {
		made.PartialState = &p.InitializationFailed{Reasons: []string{err.Error()}}
	}
	return made, err
}
