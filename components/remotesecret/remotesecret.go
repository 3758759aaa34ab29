// Package remotesecret lets the istiod of one cluster read the services and endpoints of another.
package remotesecret

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/istio"
	"istio-lab/internal/kubeconfig"
)

// RemoteSecretType is the type of the component. It is part of every child's URN.
const RemoteSecretType = "istio-lab:remotesecret:RemoteSecret"

// readerAccount is the account that an Istio installation makes for the control planes of other clusters.
const readerAccount = "istio-reader-service-account"

// RemoteSecretArgs says who reads whom.
type RemoteSecretArgs struct {
	// Remote is the cluster that is read, RemoteName the mesh's name for it, which is to be the one that its own istiod has.
	Remote     cluster.Cluster
	RemoteName string
	// Server is the URL of the remote API server, as a pod of Reader reaches it.
	Server string
	// Reader is the cluster whose istiod reads.
	Reader cluster.Cluster
	// AfterRemote and AfterReader are what has to be there first in either cluster: Istio's installation, which makes the account,
	// and the namespace. Give the resources themselves: see cluster.Cluster.In.
	AfterRemote, AfterReader []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *RemoteSecretArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Remote.Provider == nil || a.Reader.Provider == nil {
		problems = append(problems, errors.New("remote and reader are required"))
	}
	if a.RemoteName == "" || a.Server == "" {
		problems = append(problems, errors.New("the remote's name and server are required"))
	}
	return errors.Join(problems...)
}

// RemoteSecret is what istioctl create-remote-secret makes: a token in the cluster that is read, and a kubeconfig with it in the
// cluster that reads.
type RemoteSecret struct {
	pulumi.ResourceState
}

// NewRemoteSecret makes the secrets, or nothing when the arguments are refused.
func NewRemoteSecret(
	ctx *pulumi.Context, name string, args *RemoteSecretArgs, opts ...pulumi.ResourceOption,
) (*RemoteSecret, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("remote secret %q: %w", name, err)
	}
	r := &RemoteSecret{}
	if err := ctx.RegisterComponentResource(RemoteSecretType, name, r, opts...); err != nil {
		return nil, err
	}
	// An explicit token works everywhere; Kubernetes makes none by itself since 1.24.
	token, err := args.Remote.NewSecret(ctx, args.Remote.Name+"-reader-token", cluster.Metadata{
		Name: readerAccount + "-istio-remote-secret-token", Namespace: istio.SystemNamespace,
		Annotations: map[string]string{
			"kubernetes.io/service-account.name": readerAccount,
			// The provider's own wait for a token is 5 s short, and then fails.
			"pulumi.com/waitFor": "jsonpath={.data.token}",
		},
	}, pulumi.Map{"type": pulumi.String("kubernetes.io/service-account-token")}, r, pulumi.DependsOn(args.AfterRemote))
	if err != nil {
		return nil, fmt.Errorf("remote secret %q: token: %w", name, err)
	}
	text := pulumi.ToSecret(token.Data.ApplyT(func(data map[string]string) (string, error) {
		return renderKubeconfig(args.RemoteName, args.Server, data)
	}))
	_, err = args.Reader.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "v1", Kind: "Secret",
		Metadata: cluster.Metadata{
			Name: "istio-remote-secret-" + args.RemoteName, Namespace: istio.SystemNamespace,
			Labels:      map[string]string{"istio/multiCluster": "true"},
			Annotations: map[string]string{"networking.istio.io/cluster": args.RemoteName},
		},
		// The key is what istiod takes for the cluster's name.
		Fields: pulumi.Map{"stringData": pulumi.Map{args.RemoteName: text}},
	}, r, pulumi.DependsOn(args.AfterReader))
	if err != nil {
		return nil, fmt.Errorf("remote secret %q: kubeconfig: %w", name, err)
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{})
}

// renderKubeconfig makes a kubeconfig of the data of a token's Secret, which is in base64.
func renderKubeconfig(name, server string, data map[string]string) (string, error) {
	token, err := base64.StdEncoding.DecodeString(data["token"])
	ca, caErr := base64.StdEncoding.DecodeString(data["ca.crt"])
	if err := errors.Join(err, caErr); err != nil || len(token) == 0 || len(ca) == 0 {
		return "", errors.Join(fmt.Errorf("the token's Secret of %s holds no token or no ca.crt", name), err)
	}
	return kubeconfig.Render(name, server, ca, kubeconfig.User{Token: string(token)}), nil
}
