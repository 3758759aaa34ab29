package kubernetes

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// The annotations by which a program, or the plugin itself, says how an object is treated.
const (
	autonamed      = "pulumi.com/autonamed"
	replaceUnready = "pulumi.com/replaceUnready"
	skipAwait      = "pulumi.com/skipAwait"
	timeoutSeconds = "pulumi.com/timeoutSeconds"
	waitFor        = "pulumi.com/waitFor"
)

// assignName gives an object a name when the program gave it none: the one that it has, or the resource's name, a dash and 8 digits. Before
// are the former inputs, if there are any.
func assignName(inputs, before map[string]any, resourceName string) {
	metadata, ok := inputs["metadata"].(map[string]any)
	if !ok {
		if hasUnknown(inputs["metadata"]) {
			return
		}
		metadata = map[string]any{}
		inputs["metadata"] = metadata
	}
	if has := metadata["name"]; has != nil && has != "" {
		return
	}
	if len(before) == 0 {
		metadata["name"] = unique(resourceName + "-")
		annotate(metadata, autonamed)
	} else if former, ok := before["metadata"].(map[string]any); ok && annotation(before, autonamed) == "true" {
		metadata["name"] = former["name"]
		annotate(metadata, autonamed)
	}
}

// unique ends a prefix with 8 hexadecimal digits.
func unique(prefix string) string {
	name, err := resource.NewUniqueHex(prefix, 8, 0)
	if err != nil {
		panic(err) // without a limit of length there is none
	}
	return name
}

func annotate(metadata map[string]any, key string) {
	annotations, ok := metadata["annotations"].(map[string]any)
	if !ok {
		if hasUnknown(metadata["annotations"]) {
			return
		}
		annotations = map[string]any{}
		metadata["annotations"] = annotations
	}
	annotations[key] = "true"
}

// annotation is the value of an object's annotation, empty without one.
func annotation(fields map[string]any, key string) string {
	metadata, _ := fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	value, _ := annotations[key].(string)
	return value
}

// managerOf returns the name under which an object is applied: that of its state, or a new one.
func managerOf(state property.Map) string {
	if v := state.Get(managerKey); v.IsString() {
		return v.AsString()
	}
	return unique("pulumi-kubernetes-")
}
