package kind

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"sigs.k8s.io/yaml"
)

// kubeconfig is a kubeconfig file for the administrator of the cluster, named as kind names its own: kind-west. It is secret.
func kubeconfig(cluster, server string, a authority) pulumi.StringOutput {
	text := pulumi.All(a.certificate, a.adminCertificate, a.adminKey).ApplyT(func(pem []any) string {
		return renderKubeconfig("kind-"+cluster, server, []byte(pem[0].(string)), []byte(pem[1].(string)), []byte(pem[2].(string)))
	}).(pulumi.StringOutput)
	return pulumi.ToSecret(text).(pulumi.StringOutput)
}

func renderKubeconfig(name, server string, ca, certificate, key []byte) string {
	type object = map[string]any
	text, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config",
		"clusters":        []object{{"name": name, "cluster": object{"server": server, "certificate-authority-data": ca}}},
		"contexts":        []object{{"name": name, "context": object{"cluster": name, "user": name}}},
		"current-context": name,
		"users":           []object{{"name": name, "user": object{"client-certificate-data": certificate, "client-key-data": key}}},
	})
	if err != nil {
		panic(fmt.Sprintf("kubeconfig of %s: %v", name, err)) // maps of strings and bytes
	}
	return string(text)
}
