package docker

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// unknown stands for a value that a preview does not know yet.
type unknown struct{}

// plain is a value without what Pulumi notes of it: that it is secret, what it depends on, what was a default.
func plain(v property.Value) any {
	switch {
	case v.IsComputed():
		return unknown{}
	case v.IsMap():
		return plainMap(v.AsMap())
	case v.IsArray():
		all := []any{}
		for _, element := range v.AsArray().All {
			all = append(all, plain(element))
		}
		return all
	case v.IsBool():
		return v.AsBool()
	case v.IsNumber():
		return v.AsNumber()
	case v.IsString():
		return v.AsString()
	}
	return nil
}

func plainMap(m property.Map) map[string]any {
	all := map[string]any{}
	for key, value := range m.All {
		if !note(key) {
			all[key] = plain(value)
		}
	}
	return all
}

// note says whether a key is for Pulumi's own use.
func note(key string) bool { return strings.HasPrefix(key, "__") }

// decode reads properties, all of them known, into a struct by its JSON names.
func decode[T any](properties property.Map) (into T, err error) {
	text, err := json.Marshal(plainMap(properties))
	if err == nil {
		err = json.Unmarshal(text, &into)
	}
	return into, err
}

// propertiesOf turns plain values, whole numbers among them, into properties.
func propertiesOf(values map[string]any) property.Map {
	return resource.FromResourcePropertyMap(resource.NewPropertyMapFromMap(values))
}

// remembered is the form in which values that a program gave, or that Docker reported, are kept as state.
func (s schema) remembered(values property.Map) property.Map {
	kept := map[string]property.Value{}
	for name, value := range values.All {
		if !note(name) {
			kept[name] = s[name].remembered(value)
		}
	}
	return property.NewMap(kept)
}

func (f field) remembered(v property.Value) property.Value {
	switch {
	case v.IsMap() && f.fields != nil:
		return property.WithGoValue(v, f.fields.remembered(v.AsMap()))
	case v.IsArray() && v.AsArray().Len() > 0 && f.element != nil:
		all := v.AsArray().AsSlice()
		for i := range all {
			all[i] = f.element.remembered(all[i])
		}
		if f.set {
			slices.SortFunc(all, func(a, b property.Value) int {
				return strings.Compare(f.element.rank(plain(a)), f.element.rank(plain(b)))
			})
		}
		return property.WithGoValue(v, property.NewArray(all))
	}
	return v
}

// rank is by what the elements of a set are ordered, as Pulumi's own plugin does: by their properties in order of name.
func (f field) rank(v any) string {
	switch v := v.(type) {
	case unknown:
		return "?"
	case string:
		return fmt.Sprintf("%q", v)
	case map[string]any:
		var all strings.Builder
		for _, name := range slices.Sorted(maps.Keys(f.fields)) {
			inner := f.fields[name]
			if v[name] == nil && inner.kind == reflect.String {
				v[name] = ""
			}
			all.WriteString(inner.rank(v[name]) + ";")
		}
		return all.String()
	}
	return fmt.Sprint(v)
}
