// Package wasmplugin extends the sidecars of a workload by a filter in WebAssembly: it compiles the filter, serves the module to
// the proxies, and tells them to run it.
package wasmplugin

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/types/known/structpb"
	extensions "istio.io/api/extensions/v1alpha1"
	typed "istio.io/api/type/v1beta1"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
)

// PluginType is the type of the component. It is part of every child's URN.
const PluginType = "istio-lab:wasmplugin:Plugin"

// Header is a header that a filter adds to responses.
type Header struct{ Name, Value string }

// ItWorks is what the lab's own filter is to add.
var ItWorks = Header{Name: "x-istioinaction-wasm", Value: "it works!"}

// PluginArgs says which filter extends which workload.
type PluginArgs struct {
	// Name is the WasmPlugin's.
	Name string
	// Header is the filter's configuration.
	Header Header
	// Server serves the filter.
	Server ServerArgs
	// Workload is the application whose sidecar is extended.
	Workload *apps.Application
}

var (
	headerName  = regexp.MustCompile(`^[a-z0-9-]+$`)
	headerValue = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
)

// Validate says all that is wrong with the arguments, or returns nil.
func (a *PluginArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Name == "" {
		problems = append(problems, errors.New("name is required"))
	}
	if a.Workload == nil || a.Workload.Deployment == nil {
		problems = append(problems, errors.New("its workload is not there: run the application first"))
	}
	if !headerName.MatchString(a.Header.Name) {
		problems = append(problems, fmt.Errorf("header %q is not of small letters, digits and hyphens", a.Header.Name))
	}
	if !headerValue.MatchString(a.Header.Value) {
		problems = append(problems, fmt.Errorf("%q is not one line of ASCII, as the value of a header is", a.Header.Value))
	}
	return errors.Join(append(problems, a.Server.Validate())...)
}

// Plugin is a filter in the sidecars of a workload.
type Plugin struct {
	pulumi.ResourceState
}

// NewPlugin extends the workload, or makes nothing when the arguments are refused.
func NewPlugin(ctx *pulumi.Context, name string, args *PluginArgs, opts ...pulumi.ResourceOption) (*Plugin, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("Wasm plugin %q: %w", name, err)
	}
	p := &Plugin{}
	if err := ctx.RegisterComponentResource(PluginType, name, p, opts...); err != nil {
		return nil, err
	}
	server, err := newServer(ctx, name, &args.Server, p)
	if err != nil {
		return nil, fmt.Errorf("Wasm plugin %q: server: %w", name, err)
	}
	// The server first: proxies refuse all requests that they lack the filter for.
	_, err = args.Workload.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "extensions.istio.io/v1alpha1", Kind: "WasmPlugin",
		Metadata: cluster.Metadata{Name: args.Name, Namespace: apps.Namespace},
		Fields:   pulumi.Map{"spec": cluster.Spec(args.spec())},
	}, p, pulumi.DependsOn([]pulumi.Resource{args.Workload.Deployment, server}))
	if err != nil {
		return nil, fmt.Errorf("Wasm plugin %q: %w", name, err)
	}
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{})
}

// spec has the digest twice. By that in the URL proxies get a changed filter; by the other they know it for what it is to be.
func (a *PluginArgs) spec() *extensions.WasmPlugin {
	return &extensions.WasmPlugin{
		Selector: &typed.WorkloadSelector{MatchLabels: map[string]string{"app": a.Workload.App.Name}},
		Url:      a.Server.url(),
		Sha256:   a.Server.Module.SHA256,
		PluginConfig: &structpb.Struct{Fields: map[string]*structpb.Value{
			"header": structpb.NewStringValue(a.Header.Name), "value": structpb.NewStringValue(a.Header.Value),
		}},
		// What the workload answers, and not what it asks of others.
		Match: []*extensions.WasmPlugin_TrafficSelector{{Mode: typed.WorkloadMode_SERVER}},
	}
}
