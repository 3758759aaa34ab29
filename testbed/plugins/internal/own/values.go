package own

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Unknown stands for a value that a preview does not know yet.
type Unknown struct{}

// Plain is a value without what Pulumi notes of it: that it is secret, what it depends on, what was a default.
func Plain(v property.Value) any {
	switch {
	case v.IsComputed():
		return Unknown{}
	case v.IsMap():
		return PlainMap(v.AsMap())
	case v.IsArray():
		all := []any{}
		for _, element := range v.AsArray().All {
			all = append(all, Plain(element))
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

// PlainMap are values as Plain gives them, without nulls and without the keys that are Pulumi's own.
func PlainMap(m property.Map) map[string]any {
	all := map[string]any{}
	for key, value := range m.All {
		if !Reserved(key) && !value.IsNull() {
			all[key] = Plain(value)
		}
	}
	return all
}

// Reserved says whether a key is for Pulumi's own use.
func Reserved(key string) bool { return strings.HasPrefix(key, "__") }

// Properties turns plain values, whole numbers among them, into properties.
func Properties(values map[string]any) property.Map {
	properties := resource.NewPropertyValueRepl(values, nil, func(v any) (resource.PropertyValue, bool) {
		_, unknown := v.(Unknown)
		return resource.MakeComputed(resource.NewProperty("")), unknown
	})
	return resource.FromResourcePropertyMap(properties.ObjectValue())
}

// Decode reads plain values, all of them known, into a struct by its JSON names.
func Decode[T any](values map[string]any) (into T, err error) {
	text, err := json.Marshal(values)
	if err == nil {
		err = json.Unmarshal(text, &into)
	}
	return into, err
}
