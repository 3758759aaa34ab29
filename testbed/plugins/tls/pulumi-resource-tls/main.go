// Command pulumi-resource-tls is the test bed's stand-in for Pulumi's plugin of that name: HashiCorp's provider under Pulumi's bridge, as
// that is, with the resource types that the lab registers.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-provider-tls/internal/provider"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"istio-lab/testbed/plugins/guard"
)

// version is that of the official plugin which this one stands in for.
const version = "5.5.1"

func main() {
	if err := guard.Permitted("pulumi-resource-tls"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pf.Main(context.Background(), "tls", tfbridge.ProviderInfo{
		Name:    "tls",
		Version: version + guard.Mark,
		P:       pf.ShimProvider(provider.New()),
		Resources: map[string]*tfbridge.ResourceInfo{
			"tls_private_key":         {Tok: "tls:index/privateKey:PrivateKey"},
			"tls_cert_request":        {Tok: "tls:index/certRequest:CertRequest"},
			"tls_self_signed_cert":    {Tok: "tls:index/selfSignedCert:SelfSignedCert"},
			"tls_locally_signed_cert": {Tok: "tls:index/locallySignedCert:LocallySignedCert"},
		},
		// Names of properties follow from Terraform's; there are no decisions of earlier versions to keep.
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}, pf.ProviderMetadata{XGetSchema: noSchema})
}

// noSchema: the engine runs Go programs without one. Making it would take the bridge's generator of SDKs into the plugin.
func noSchema(context.Context, plugin.GetSchemaRequest) ([]byte, error) {
	return nil, errors.New("the test bed's pulumi-resource-tls has no schema to show: ask Pulumi's own plugin")
}
