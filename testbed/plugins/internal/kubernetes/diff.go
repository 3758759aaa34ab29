package kubernetes

import (
	"fmt"
	"maps"
	"reflect"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"

	"istio-lab/testbed/plugins/internal/own"
)

// immutable are the fields, besides name and namespace, that the API server does not let change, or whose change is to make a new
// object: a ConfigMap's, so that those who read it see it.
var immutable = map[string][]string{
	"ClusterRoleBinding.rbac.authorization.k8s.io": {"roleRef"},
	"ConfigMap":                             {"binaryData", "data"},
	"DaemonSet.apps":                        {"spec.selector"},
	"Deployment.apps":                       {"spec.selector"},
	"Job.batch":                             {"spec.completions", "spec.parallelism", "spec.selector", "spec.template"},
	"RoleBinding.rbac.authorization.k8s.io": {"roleRef"},
	"Secret":                                {"type"},
	"Service":                               {"spec.clusterIP"},
}

// differ finds what changes between two trees of values.
type differ struct {
	// replacing are the paths whose change makes a new resource.
	replacing []string
	found     map[string]p.PropertyDiff
}

// changes returns what changes from before to after, by path; a change at or below one of replacing makes a new resource.
func changes(before, after map[string]any, replacing ...string) map[string]p.PropertyDiff {
	d := differ{replacing, map[string]p.PropertyDiff{}}
	d.fields(nil, before, after)
	return d.found
}

func (d differ) fields(path []any, before, after map[string]any) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for key := range keys {
		at := append(path[:len(path):len(path)], key)
		was, had := before[key]
		is, has := after[key]
		d.value(at, was, is, had, has)
	}
}

func (d differ) value(path []any, was, is any, had, has bool) {
	switch {
	case !has:
		d.add(path, p.Delete, nil)
		return
	case !had:
		d.add(path, p.Add, is)
		return
	}
	switch is := is.(type) {
	case map[string]any:
		if was, ok := was.(map[string]any); ok {
			d.fields(path, was, is)
			return
		}
	case []any:
		if was, ok := was.([]any); ok {
			for i := range max(len(was), len(is)) {
				at := append(path[:len(path):len(path)], i)
				d.value(at, element(was, i), element(is, i), i < len(was), i < len(is))
			}
			return
		}
	}
	if !reflect.DeepEqual(was, is) {
		d.add(path, p.Update, is)
	}
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// add notes a change to value at path.
func (d differ) add(path []any, kind p.DiffKind, value any) {
	for _, field := range d.replacing {
		if touches(path, value, strings.Split(field, ".")) {
			d.found[text(path)] = p.PropertyDiff{Kind: own.Replacing(kind), InputDiff: kind == p.Delete}
			return
		}
	}
	d.found[text(path)] = p.PropertyDiff{Kind: kind, InputDiff: kind == p.Delete}
}

// touches says whether a change to value at path is one of field, lies below it, or brings it along.
func touches(path []any, value any, field []string) bool {
	for i, key := range field {
		if i < len(path) {
			if path[i] != key {
				return false
			}
			continue
		}
		fields, _ := value.(map[string]any)
		below, ok := fields[key]
		if !ok {
			return false
		}
		value = below
	}
	return true
}

// text writes a path as the engine reads it: spec.ports[0], metadata.labels["app.kubernetes.io/name"].
func text(path []any) string {
	var b strings.Builder
	for _, step := range path {
		key, ok := step.(string)
		switch {
		case !ok:
			fmt.Fprintf(&b, "[%d]", step)
		case strings.ContainsAny(key, `."[]`):
			fmt.Fprintf(&b, `["%s"]`, strings.ReplaceAll(key, `"`, `\"`))
		case b.Len() > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}
