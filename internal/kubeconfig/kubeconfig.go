// Package kubeconfig renders kubeconfig files, and merges them into the user's own.
package kubeconfig

import "sigs.k8s.io/yaml"

// User is how a user of a cluster says who they are. It is secret.
type User struct {
	// Certificate and Key are in PEM.
	Certificate []byte `json:"client-certificate-data,omitempty"`
	Key         []byte `json:"client-key-data,omitempty"`
	// Token is a service account's.
	Token string `json:"token,omitempty"`
}

// Render renders a kubeconfig of one cluster: its one context, its cluster and its user have the given name. CA, in PEM, is what the
// server's certificate is verified by.
func Render(name, server string, ca []byte, user User) string {
	type object = map[string]any
	text, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config",
		"clusters":        []object{{"name": name, "cluster": object{"server": server, "certificate-authority-data": ca}}},
		"contexts":        []object{{"name": name, "context": object{"cluster": name, "user": name}}},
		"current-context": name,
		"users":           []object{{"name": name, "user": user}},
	})
	if err != nil {
		panic(err) // strings and bytes always have a YAML form
	}
	return string(text)
}
