package settings

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"istio-lab/internal/nearest"
)

// check compares a decoded JSON value with the Go type of into, and returns a problem for every key that the type does not
// have and every value of a wrong type. encoding/json stops at the first of them, and says neither which keys there are.
func check(key string, value, into any) []problem {
	return checkType(key, value, reflect.TypeOf(into).Elem())
}

func checkType(key string, value any, t reflect.Type) []problem {
	switch t.Kind() {
	case reflect.Interface:
		return nil
	case reflect.String:
		if _, ok := value.(string); !ok {
			return []problem{{key, fmt.Sprintf("%s is not a string", show(value))}}
		}
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			return []problem{{key, fmt.Sprintf("%s is not true or false", show(value))}}
		}
	case reflect.Int:
		if _, ok := value.(int64); !ok {
			return []problem{{key, fmt.Sprintf("%s is not a whole number", show(value))}}
		}
	case reflect.Map, reflect.Struct:
		object, ok := value.(map[string]any)
		if !ok {
			return []problem{{key, fmt.Sprintf("%s is not an object", show(value))}}
		}
		return checkObject(key, object, t)
	default:
		panic("settings: no rule for " + t.String())
	}
	return nil
}

func checkObject(key string, object map[string]any, t reflect.Type) []problem {
	var known map[string]reflect.Type
	if t.Kind() == reflect.Struct {
		known = fields(t)
	}
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field, isKnown := known[name]
		switch {
		case t.Kind() == reflect.Map:
			field = t.Elem()
		case !isKnown:
			problems = append(problems, problem{key + "." + name,
				"no such setting" + nearest.Of(name, slices.Sorted(maps.Keys(known)))})
			continue
		}
		problems = append(problems, checkType(key+"."+name, object[name], field)...)
	}
	return problems
}

// Value reads the text of a value at a path of the setting lab as what belongs there: a boolean, a whole number, or the text. A text
// that does not fit stays one, and Parse refuses it.
func Value(path []string, text string) any {
	at := reflect.TypeFor[Lab]()
	for _, name := range path {
		switch at.Kind() {
		case reflect.Map:
			at = at.Elem()
		case reflect.Struct:
			field, known := fields(at)[name]
			if !known {
				return text
			}
			at = field
		}
	}
	switch {
	case (at.Kind() == reflect.Bool || at.Kind() == reflect.Interface) && (text == "true" || text == "false"):
		return text == "true"
	case at.Kind() == reflect.Int:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	return text
}

// LabKeys are the names in the setting lab, sorted.
func LabKeys() []string { return slices.Sorted(maps.Keys(fields(reflect.TypeFor[Lab]()))) }

// fields are the types of a struct's fields, by their names in JSON.
func fields(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		fields[t.Field(i).Tag.Get("json")] = t.Field(i).Type
	}
	return fields
}

func show(value any) string {
	if s, ok := value.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(value)
}
