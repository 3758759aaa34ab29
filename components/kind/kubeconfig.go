package kind

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/kubeconfig"
)

// adminKubeconfig is a kubeconfig file for the administrator of the cluster, named as kind names its own: kind-west. It is secret.
func adminKubeconfig(cluster, server string, a authority) pulumi.StringOutput {
	text := pulumi.All(a.certificate, a.adminCertificate, a.adminKey).ApplyT(func(pem []any) string {
		return kubeconfig.Render("kind-"+cluster, server, []byte(pem[0].(string)), kubeconfig.User{
			Certificate: []byte(pem[1].(string)), Key: []byte(pem[2].(string)),
		})
	}).(pulumi.StringOutput)
	return pulumi.ToSecret(text).(pulumi.StringOutput)
}
