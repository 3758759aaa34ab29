package docker

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// remembered is the form in which values that a program gave, or that Docker reported, are kept as state.
func (s schema) remembered(values property.Map) property.Map {
	kept := map[string]property.Value{}
	for name, value := range values.All {
		if !own.Reserved(name) {
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
				return strings.Compare(f.element.rank(own.Plain(a)), f.element.rank(own.Plain(b)))
			})
		}
		return property.WithGoValue(v, property.NewArray(all))
	}
	return v
}

// rank is by what the elements of a set are ordered, as Pulumi's own plugin does: by their properties in order of name.
func (f field) rank(v any) string {
	switch v := v.(type) {
	case own.Unknown:
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
