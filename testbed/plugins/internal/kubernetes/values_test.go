package kubernetes

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

func TestValues(t *testing.T) {
	t.Run("an object survives being turned into properties and back", func(t *testing.T) {
		fields := map[string]any{
			"text": "a", "whole": int64(3), "part": 0.5, "on": true, "list": []any{int64(1), map[string]any{"b": "c"}}, "later": unknown{},
		}
		if got := object(properties(fields)); !reflect.DeepEqual(got, fields) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a state has the names that the official plugin writes", func(t *testing.T) {
		inputs := map[string]any{"apiVersion": "v1", "x-kubernetes-map-type": "atomic"}
		live := map[string]any{"apiVersion": "v1", "x-kubernetes-map-type": "atomic", "uid": "1"}
		written := state(inputs, live, property.Map{}, "me")
		if !written.Get("x_kubernetes_map_type").IsString() || written.Get("__fieldManager").AsString() != "me" {
			t.Errorf("written %v", written)
		}
		before, after, manager := parts(written)
		if !reflect.DeepEqual(before.Object, inputs) || !reflect.DeepEqual(after.Object, live) || manager != "me" {
			t.Errorf("read %v, %v, %q", before, after, manager)
		}
	})
	t.Run("what came from a secret is one", func(t *testing.T) {
		secret := property.New("s").WithSecret(true)
		from := property.NewMap(map[string]property.Value{
			"spec": property.New(property.NewMap(map[string]property.Value{"a": secret, "b": property.New("x")})),
			"list": property.New(property.NewArray([]property.Value{secret, property.New("x")})),
		})
		got := withSecrets(properties(object(from)), from)
		spec := got.Get("spec").AsMap()
		if !spec.Get("a").Secret() || spec.Get("b").Secret() || got.Get("spec").Secret() || !got.Get("list").Secret() {
			t.Errorf("got %#v", got)
		}
	})
	t.Run("all content of a Secret is secret, whatever the program said", func(t *testing.T) {
		got := withSecrets(properties(tree(t, `{kind: Secret, type: x, data: {a: b}}`)), property.Map{})
		if !got.Get("data").Secret() || got.Get("type").Secret() {
			t.Errorf("got %#v", got)
		}
	})
}
