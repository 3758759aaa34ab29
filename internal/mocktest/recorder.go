// Package mocktest runs a Pulumi program against a recorder instead of an engine, and gives back what it registered.
package mocktest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Resource is one registration.
type Resource struct {
	Type, Name string
	// Parent is the parent's URN, Provider the URN of an explicit provider, DeletedWith that of what takes the resource along.
	Parent, Provider, DeletedWith string
	Custom                        bool
	Inputs                        resource.PropertyMap
	// RPC is the whole registration.
	RPC *pulumirpc.RegisterResourceRequest
}

// Kubernetes says whether the resource is an object in a cluster.
func (r Resource) Kubernetes() bool { return strings.HasPrefix(r.Type, "kubernetes:") }

// URN is the resource's URN.
func (r Resource) URN() string {
	parent := ""
	if r.ParentName() != "" {
		types := strings.Split(r.Parent, "::")
		parent = types[2] + "$"
	}
	return "urn:pulumi:" + Stack + "::istio-lab::" + parent + r.Type + "::" + r.Name
}

// ParentName is the name of the parent, or "" for a child of the stack.
func (r Resource) ParentName() string { return urnName(r.Parent, "pulumi:pulumi:Stack") }

// ProviderName is the name of the explicit provider, or "".
func (r Resource) ProviderName() string {
	reference := r.Provider // URN::ID
	if i := strings.LastIndex(reference, "::"); i >= 0 {
		reference = reference[:i]
	}
	return urnName(reference, "")
}

func urnName(urn, except string) string {
	if urn == "" || (except != "" && strings.Contains(urn, "::"+except+"::")) {
		return ""
	}
	return urn[strings.LastIndex(urn, "::")+2:]
}

// Stack is the name of the stack that Run runs.
const Stack = "test"

// Run runs the program as an update, or as a preview, in which IDs and the names that Pulumi chooses are not known. It returns
// what was registered, sorted by type and name, for registrations are concurrent.
func Run(program pulumi.RunFunc, preview bool) ([]Resource, error) {
	r := &recorder{preview: preview}
	err := pulumi.RunErr(program, pulumi.WithMocksWithOrganization("organization", "istio-lab", Stack, r),
		func(info *pulumi.RunInfo) { info.DryRun = preview })
	slices.SortFunc(r.resources, func(a, b Resource) int {
		return strings.Compare(a.Type+" "+a.Name, b.Type+" "+b.Name)
	})
	return r.resources, err
}

// ServiceAccountToken begins every token that the recorder answers with.
const ServiceAccountToken = "eyJhbGciOiJSUzI1NiIs"

type recorder struct {
	mutex     sync.Mutex
	resources []Resource
	preview   bool
}

// NewResource records a registration, and answers as the provider would.
func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	rpc := args.RegisterRPC
	if rpc == nil {
		return "", nil, fmt.Errorf("%s %s is read, not registered", args.TypeToken, args.Name)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.resources = append(r.resources, Resource{
		Type: args.TypeToken, Name: args.Name, Parent: rpc.GetParent(), Provider: rpc.GetProvider(),
		DeletedWith: rpc.GetDeletedWith(), Custom: args.Custom, Inputs: args.Inputs, RPC: rpc,
	})
	outputs := args.Inputs.Copy()
	switch {
	// Known in a preview too: the SDK's mocks cannot pass on a secret that is not known.
	case strings.HasPrefix(args.TypeToken, "tls:"):
		made, err := tlsOutputs(args.TypeToken, args.Name, args.Inputs)
		if err != nil {
			return "", nil, fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
		}
		for key, value := range made {
			outputs[key] = value
		}
	case args.Inputs["type"].IsString() && args.Inputs["type"].StringValue() == "kubernetes.io/service-account-token":
		outputs["data"] = resource.MakeSecret(resource.NewProperty(resource.PropertyMap{
			"token":  resource.NewProperty(base64.StdEncoding.EncodeToString([]byte(ServiceAccountToken + " " + args.Name))),
			"ca.crt": resource.NewProperty(base64.StdEncoding.EncodeToString([]byte("certificate"))),
		}))
	case r.preview:
		return "", outputs, nil
	case args.TypeToken == "docker:index/remoteImage:RemoteImage":
		outputs["imageId"] = resource.NewProperty("sha256:" + args.Name)
	case strings.HasPrefix(args.TypeToken, "kubernetes:"):
		metadata := outputs["metadata"]
		if metadata.IsObject() && !metadata.ObjectValue().HasValue("name") {
			named := metadata.ObjectValue().Copy()
			named["name"] = resource.NewProperty(args.Name + "-1a2b3c")
			outputs["metadata"] = resource.NewProperty(named)
		}
	}
	return args.Name + "-id", outputs, nil
}

// Call refuses: the program calls no functions.
func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("the program calls %s", args.Token)
}
