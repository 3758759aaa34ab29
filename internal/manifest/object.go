package manifest

// Object is one object of a manifest or a part of one, as encoding/json decodes it.
type Object map[string]any

// Object returns the object at a path of keys, or nil. It is a part of o, not a copy.
func (o Object) Object(path ...string) Object {
	for _, key := range path {
		part, ok := o[key].(map[string]any)
		if !ok {
			return nil
		}
		o = part
	}
	return o
}

// Objects returns the objects in the list under a key. They are parts of o, not copies.
func (o Object) Objects(key string) []Object {
	list, _ := o[key].([]any)
	var objects []Object
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// String returns the string at a path of keys, or "".
func (o Object) String(path ...string) string {
	last := len(path) - 1
	s, _ := o.Object(path[:last]...)[path[last]].(string)
	return s
}

// Title is the kind and the name of a whole object, as in Deployment controller.
func (o Object) Title() string { return o.String("kind") + " " + o.String("metadata", "name") }

// Int returns the whole number at a path of keys, or 0.
func (o Object) Int(path ...string) int {
	last := len(path) - 1
	n, _ := o.Object(path[:last]...)[path[last]].(float64)
	return int(n)
}

// Clone returns a deep copy.
func (o Object) Clone() Object { return cloneValue(map[string]any(o)).(map[string]any) }

func cloneValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		clone := make(map[string]any, len(value))
		for k, v := range value {
			clone[k] = cloneValue(v)
		}
		return clone
	case []any:
		clone := make([]any, len(value))
		for i, v := range value {
			clone[i] = cloneValue(v)
		}
		return clone
	}
	return value
}
