package wasmplugin

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/container"
	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
)

// root is the folder that is served.
const root = "/srv"

// ServerArgs says what serves a filter, and where.
type ServerArgs struct {
	allot.Container
	Module Module
	// Image is a reference to an image with busybox, which is pulled if the engine does not have it.
	Image string
	// Network is the name of the Docker network; Address lies in it.
	Network pulumi.StringInput
	// Owner is who holds the container.
	Owner owner.Owner
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ServerArgs) Validate() error {
	var problems []error
	if a.Name == "" || !a.Address.IsValid() || a.Image == "" || a.Network == nil {
		problems = append(problems, errors.New("server's name, address, image and network are required"))
	}
	if a.Module.Path == "" || len(a.Module.SHA256) != 64 {
		problems = append(problems, fmt.Errorf("module %q with the digest %q is not a compiled filter", a.Module.Path, a.Module.SHA256))
	}
	return errors.Join(problems...)
}

func (a *ServerArgs) file() string { return "/" + a.Module.SHA256 + ".wasm" }

func (a *ServerArgs) url() string { return "http://" + a.Address.String() + a.file() }

// newServer makes a container that serves the module. It stands on the Docker network, beside the cluster: a module is too large
// for a ConfigMap. The state has the file's path and digest, and not its content; another digest makes another container.
func newServer(ctx *pulumi.Context, name string, args *ServerArgs, parent pulumi.Resource) (*docker.Container, error) {
	return container.NewBeside(ctx, name+"-server", container.Beside{
		Container: args.Container, Image: args.Image, Network: args.Network, Owner: args.Owner,
		Command: []string{"busybox", "httpd", "-f", "-p", "80", "-h", root},
		Uploads: docker.ContainerUploadArray{&docker.ContainerUploadArgs{
			File: pulumi.String(root + args.file()), Source: pulumi.String(args.Module.Path), SourceHash: pulumi.String(args.Module.SHA256),
		}},
	}, parent)
}
