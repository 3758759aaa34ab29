package tls

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// check returns the inputs, secrets marked, and says what is wrong with them.
func (r resourceType) check(given property.Map) (property.Map, []p.CheckFailure) {
	var c checker
	checked := map[string]property.Value{}
	for name, value := range given.AllStable {
		if !own.Reserved(name) && !value.IsNull() {
			checked[name] = value
		}
	}
	inputs := property.NewMap(checked)
	c.object("", r.fields, own.PlainMap(inputs))
	return r.withSecrets(inputs), c.failures
}

type checker struct{ failures []p.CheckFailure }

func (c *checker) fail(at, format string, args ...any) {
	c.failures = append(c.failures, p.CheckFailure{Property: at, Reason: at + ": " + fmt.Sprintf(format, args...)})
}

func (c *checker) object(at string, fields map[string]field, given map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if f := fields[name]; f.kind == reflect.Invalid {
			c.fail(at+name, "the test bed's tls plugin does not know this property: it has what the lab's program uses; "+
				"add it there, or use Pulumi's own plugin")
		} else {
			c.value(at+name, f, given[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name].required && given[name] == nil {
			c.fail(at+name, "a value is required")
		}
	}
}

func (c *checker) value(at string, f field, v any) {
	switch v := v.(type) {
	case own.Unknown:
		return
	case map[string]any:
		if f.kind == reflect.Map {
			c.object(at+".", f.fields, v)
			return
		}
	case []any:
		if f.kind == reflect.Slice {
			for i, element := range v {
				c.value(fmt.Sprintf("%s[%d]", at, i), field{kind: f.element, oneOf: f.oneOf}, element)
			}
			return
		}
	case string:
		if f.kind == reflect.String {
			if f.oneOf != nil && !slices.Contains(f.oneOf, v) {
				c.fail(at, "%q is not one of those that the test bed's tls plugin takes: %s", v, strings.Join(f.oneOf, ", "))
			}
			return
		}
	case float64:
		if f.kind == reflect.Float64 {
			if f.least != nil && v < *f.least {
				c.fail(at, "%v is less than %v", v, *f.least)
			}
			return
		}
	case bool:
		if f.kind == reflect.Bool {
			return
		}
	}
	c.fail(at, "a %s is required", kinds[f.kind])
}

var kinds = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number", reflect.Slice: "list", reflect.Map: "object",
}
