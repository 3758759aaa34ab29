package docker

import (
	"encoding"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// schema is what a resource type takes, by property.
type schema map[string]field

// field is what is known of a property. It is read off a struct's field: its JSON name, its Go type, and three tags.
//
//	docker   a list of:
//	           required  a program has to give it
//	           fixed     a program may not give it; it always has its default
//	           reported  it is what Docker says of a resource that came to be as it has to, and no input
//	           replaces  a change replaces the resource
//	           computed  without a word of the program it stays what the engine made of it
//	           set       the order of its elements means nothing, and they are remembered in one of their own
//	           anyorder  the order of its elements means nothing, and they are remembered as they are given
//	           whole     an element that is added counts as a change of the whole
//	default  its value where the program gives none
//	match    a regular expression for the whole of its text
type field struct {
	kind                      reflect.Kind
	required, fixed, reported bool
	replaces, computed        bool
	set, anyOrder, addWhole   bool
	otherwise                 any // the default, or nil
	match                     *regexp.Regexp
	element                   *field // of a list or a dictionary
	fields                    schema // of an object
}

func schemaOf(t reflect.Type) schema {
	s := schema{}
	for i := range t.NumField() {
		f := t.Field(i)
		s[f.Tag.Get("json")] = fieldOf(f.Type, f.Tag)
	}
	return s
}

func fieldOf(t reflect.Type, tag reflect.StructTag) field {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	f := field{kind: t.Kind()}
	for word := range strings.SplitSeq(tag.Get("docker"), ",") {
		switch word {
		case "required":
			f.required = true
		case "fixed":
			f.fixed = true
		case "reported":
			f.reported = true
		case "replaces":
			f.replaces = true
		case "computed":
			f.computed = true
		case "set":
			f.set = true
		case "anyorder":
			f.anyOrder = true
		case "whole":
			f.addWhole = true
		}
	}
	if match, ok := tag.Lookup("match"); ok {
		f.match = regexp.MustCompile(match)
		f.match.Longest()
	}
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		f.kind = reflect.String
	case f.kind == reflect.Uint16:
		f.kind = reflect.Int
	case f.kind == reflect.Struct:
		f.fields = schemaOf(t)
	case f.kind == reflect.Slice || f.kind == reflect.Map:
		element := fieldOf(t.Elem(), "")
		f.element = &element
	}
	if text, ok := tag.Lookup("default"); ok {
		f.otherwise = f.parse(text)
	}
	return f
}

// parse reads a default. One that is not of its field's kind is a slip in this package.
func (f field) parse(text string) (value any) {
	var err error
	switch f.kind {
	case reflect.Bool:
		value, err = strconv.ParseBool(text)
	case reflect.Int:
		value, err = strconv.ParseFloat(text, 64)
	default:
		value = text
	}
	if err != nil {
		panic(err)
	}
	return value
}
