package cluster

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Secret is a Kubernetes Secret whose data is read back.
type Secret struct {
	pulumi.CustomResourceState
	// Data is the content as the cluster has it, in base64. It is secret.
	Data pulumi.StringMapOutput `pulumi:"data"`
}

// NewSecret puts a Secret into the cluster. What Kubernetes itself fills in is known as an output.
func (c Cluster) NewSecret(
	ctx *pulumi.Context, name string, metadata Metadata, fields pulumi.Map, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (*Secret, error) {
	s := &Secret{}
	m := Manifest{APIVersion: "v1", Kind: "Secret", Metadata: metadata, Fields: fields}
	options := []pulumi.ResourceOption{c.In(parent), pulumi.AdditionalSecretOutputs([]string{"data"})}
	if metadata.Name != "" {
		options = append(options, unique)
	}
	return s, ctx.RegisterResource(token(m.APIVersion, m.Kind), name, m.inputs(), s, append(options, opts...)...)
}
