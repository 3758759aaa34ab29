package kubernetes

import (
	"maps"
	"math"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// unknown stands for a value that a preview does not know yet.
type unknown struct{}

// object turns properties into what Kubernetes' libraries work on: secrets are bare, whole numbers are int64, the extension fields of
// a schema have their dashes.
func object(m property.Map) map[string]any {
	fields := make(map[string]any, m.Len())
	for key, v := range m.All {
		if strings.HasPrefix(key, "x_kubernetes_") {
			key = strings.ReplaceAll(key, "_", "-")
		}
		fields[key] = plain(v)
	}
	return fields
}

func plain(v property.Value) any {
	switch {
	case v.IsComputed():
		return unknown{}
	case v.IsMap():
		return object(v.AsMap())
	case v.IsArray():
		list := make([]any, 0, v.AsArray().Len())
		for _, element := range v.AsArray().All {
			list = append(list, plain(element))
		}
		return list
	case v.IsNumber():
		if n := v.AsNumber(); n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n)
		}
		return v.AsNumber()
	case v.IsString():
		return v.AsString()
	case v.IsBool():
		return v.AsBool()
	}
	return nil
}

// properties turns fields into properties; nulls are left out, as go-provider does.
func properties(fields map[string]any) property.Map {
	m := make(map[string]property.Value, len(fields))
	for key, v := range fields {
		if v != nil {
			m[key] = value(v)
		}
	}
	return property.NewMap(m)
}

func value(v any) property.Value {
	switch v := v.(type) {
	case unknown:
		return property.New(property.Computed)
	case map[string]any:
		return property.New(properties(v))
	case []any:
		list := make([]property.Value, 0, len(v))
		for _, element := range v {
			list = append(list, value(element))
		}
		return property.New(property.NewArray(list))
	case int64:
		return property.New(float64(v))
	case float64:
		return property.New(v)
	case string:
		return property.New(v)
	case bool:
		return property.New(v)
	}
	return property.New(property.Null)
}

// hasUnknown says whether a preview does not know all of a value.
func hasUnknown(v any) bool {
	switch v := v.(type) {
	case unknown:
		return true
	case map[string]any:
		for _, below := range v {
			if hasUnknown(below) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if hasUnknown(element) {
				return true
			}
		}
	}
	return false
}

// withSecrets marks what came from a secret as one. All content of a Secret is.
func withSecrets(m, from property.Map) property.Map {
	if kind := m.Get("kind"); kind.IsString() && kind.AsString() == "Secret" {
		for _, key := range []string{"data", "stringData"} {
			if v, ok := m.GetOk(key); ok {
				m = m.Set(key, v.WithSecret(true))
			}
		}
		return m
	}
	for key, was := range from.All {
		v, ok := m.GetOk(key)
		switch {
		case !ok:
		case v.IsMap() && was.IsMap() && !was.Secret():
			m = m.Set(key, property.New(withSecrets(v.AsMap(), was.AsMap())))
		case was.HasSecrets():
			m = m.Set(key, v.WithSecret(true))
		}
	}
	return m
}

// The properties that the official plugin keeps beside an object's own, and so this one does, so that each knows the other's state.
const (
	inputsKey     = "__inputs"
	apiVersionKey = "__initialApiVersion"
	managerKey    = "__fieldManager"
)

// state is what is written down of an object: what the cluster has, the inputs, and under which name it was applied.
func state(inputs, live map[string]any, from property.Map, manager string) property.Map {
	apiVersion, _ := inputs["apiVersion"].(string)
	return withSecrets(properties(underscored(live)), from).
		Set(inputsKey, property.New(withSecrets(properties(underscored(inputs)), from))).
		Set(apiVersionKey, property.New(apiVersion)).
		Set(managerKey, property.New(manager))
}

// underscored gives the extension fields of a schema the names that they have in a state.
func underscored(fields map[string]any) map[string]any {
	renamed := make(map[string]any, len(fields))
	for key, v := range fields {
		if strings.HasPrefix(key, "x-kubernetes-") {
			key = strings.ReplaceAll(key, "-", "_")
		}
		renamed[key] = underscoredValue(v)
	}
	return renamed
}

func underscoredValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return underscored(v)
	case []any:
		list := make([]any, 0, len(v))
		for _, element := range v {
			list = append(list, underscoredValue(element))
		}
		return list
	}
	return v
}

// parts takes a state apart.
func parts(m property.Map) (inputs, live *unstructured.Unstructured, manager string) {
	fields := object(m)
	before, _ := fields[inputsKey].(map[string]any)
	manager, _ = fields[managerKey].(string)
	maps.DeleteFunc(fields, func(key string, _ any) bool { return strings.HasPrefix(key, "__") })
	if before == nil {
		before = map[string]any{}
	}
	return &unstructured.Unstructured{Object: before}, &unstructured.Unstructured{Object: fields}, manager
}
