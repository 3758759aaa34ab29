package docker

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// defaultsNote is where Pulumi's own plugin notes which properties have their defaults.
const defaultsNote = "__defaults"

// check adds the defaults to what a program gives, and says what is wrong with it.
func (s schema) check(given property.Map) (property.Map, []p.CheckFailure) {
	var c checker
	return c.object("", s, given), c.failures
}

type checker struct{ failures []p.CheckFailure }

func (c *checker) fail(at, format string, args ...any) {
	c.failures = append(c.failures, p.CheckFailure{Property: at, Reason: at + ": " + fmt.Sprintf(format, args...)})
}

func (c *checker) object(at string, s schema, given property.Map) property.Map {
	checked := map[string]property.Value{}
	for name, value := range given.AllStable {
		f, known := s[name]
		switch {
		case own.Reserved(name) || value.IsNull():
		case !known || f.fixed || f.reported:
			c.fail(join(at, name), "the test bed's docker plugin does not know this property: it has what the lab's program uses; "+
				"add it there, or use Pulumi's own plugin")
		default:
			checked[name] = c.value(join(at, name), f, value)
		}
	}
	defaults := []property.Value{}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		f := s[name]
		if _, given := checked[name]; given {
			continue
		}
		if f.required {
			c.fail(join(at, name), "a value is required")
		}
		if f.otherwise != nil {
			value, err := property.Any(f.otherwise)
			if err != nil {
				panic(err) // the schema says so
			}
			checked[name] = value
			defaults = append(defaults, property.New(name))
		}
	}
	checked[defaultsNote] = property.New(defaults)
	return property.NewMap(checked)
}

func (c *checker) value(at string, f field, v property.Value) property.Value {
	if v.IsComputed() {
		return v
	}
	switch {
	case f.kind == reflect.Struct && v.IsMap():
		return property.WithGoValue(v, c.object(at, f.fields, v.AsMap()))
	case f.kind == reflect.Map && v.IsMap():
		for key, element := range v.AsMap().AllStable {
			if !own.Reserved(key) {
				c.value(fmt.Sprintf("%s[%q]", at, key), *f.element, element)
			}
		}
		return v
	case f.kind == reflect.Slice && v.IsArray():
		all := v.AsArray().AsSlice()
		for i := range all {
			all[i] = c.value(fmt.Sprintf("%s[%d]", at, i), *f.element, all[i])
		}
		return property.WithGoValue(v, property.NewArray(all))
	case f.kind == reflect.String && v.IsString() || f.kind == reflect.Bool && v.IsBool() || f.kind == reflect.Int && v.IsNumber():
		if text := fmt.Sprint(own.Plain(v)); f.match != nil && (!f.match.MatchString(text) || f.match.FindString(text) != text) {
			c.fail(at, "%q is not what the test bed's docker plugin takes, which is %s", text, f.match)
		}
		return v
	}
	c.fail(at, "%s is wanted", kinds[f.kind])
	return v
}

var kinds = map[reflect.Kind]string{
	reflect.String: "a text", reflect.Bool: "true or false", reflect.Int: "a number",
	reflect.Slice: "a list", reflect.Map: "a dictionary", reflect.Struct: "an object",
}

// join is the path of a property of an object.
func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
