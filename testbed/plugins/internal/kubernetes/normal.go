package kubernetes

import (
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// normal brings inputs into the form in which the API server will have them, so that the two can be compared: "1000m" of a CPU is "1".
// What only the API server fills in is left out. The inputs themselves may be changed.
func normal(inputs *unstructured.Unstructured) *unstructured.Unstructured {
	if !hasUnknown(inputs.Object) {
		switch kind := inputs.GroupVersionKind(); {
		case kind.GroupKind() == schema.GroupKind{Kind: "Secret"}:
			encode(inputs.Object)
		case kind.GroupKind() == schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:
			if spec, ok := inputs.Object["spec"].(map[string]any); ok && spec["preserveUnknownFields"] == false {
				delete(spec, "preserveUnknownFields")
			}
			delete(inputs.Object, "status")
		default:
			if typed, err := throughTypes(inputs); err == nil {
				inputs = &unstructured.Unstructured{Object: prune(typed, inputs.Object).(map[string]any)}
			}
		}
	}
	if metadata, ok := inputs.Object["metadata"].(map[string]any); ok {
		for _, field := range []string{
			"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "uid",
		} {
			delete(metadata, field)
		}
	}
	return inputs
}

// throughTypes is an object after Kubernetes' own Go type has read and written it; an error where there is no such type, or the object
// does not fit, of which the API server will tell.
func throughTypes(object *unstructured.Unstructured) (map[string]any, error) {
	typed, err := scheme.Scheme.New(object.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
		return nil, err
	}
	return runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
}

// encode turns a Secret's text into data, as the API server does.
func encode(secret map[string]any) {
	data, _ := secret["data"].(map[string]any)
	for key, v := range data {
		if text, ok := v.(string); ok {
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
				data[key] = base64.StdEncoding.EncodeToString(decoded)
			}
		}
	}
	texts, _ := secret["stringData"].(map[string]any)
	if len(texts) == 0 {
		return
	}
	if data == nil {
		data = map[string]any{}
	}
	for key, v := range texts {
		text, ok := v.(string)
		if !ok {
			return // not text: the API server will say so
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	secret["data"] = data
	delete(secret, "stringData")
}

// prune keeps of a value what has a place in shape: of what a cluster has, what a program has set.
func prune(value, shape any) any {
	switch v := value.(type) {
	case map[string]any:
		s, ok := shape.(map[string]any)
		if !ok {
			return value
		}
		kept := map[string]any{}
		for key, below := range v {
			if as, ok := s[key]; ok {
				kept[key] = prune(below, as)
			}
		}
		return kept
	case []any:
		s, ok := shape.([]any)
		if !ok {
			return value
		}
		kept := []any{}
		for i := range min(len(v), len(s)) {
			kept = append(kept, prune(v[i], s[i]))
		}
		return kept
	}
	return value
}
