// Package envoyfilter makes sidecars do what Istio's own API does not offer. Each file but this one is a lab of the manual: functions
// that return what is changed, in Envoy's own messages.
package envoyfilter

import (
	"encoding/json"
	"errors"
	"fmt"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
	networking "istio.io/api/networking/v1alpha3"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
)

// FilterType is the type of the component. It is part of every child's URN.
const FilterType = "istio-lab:envoyfilter:Filter"

// Filter is what an EnvoyFilter changes in the sidecar of a workload. What is nil stays as it is.
type Filter struct {
	// Name is the EnvoyFilter's.
	Name string
	// HTTP sees the requests to the workload, last before they are handed over.
	HTTP *hcmv3.HttpFilter
	// VirtualHost is merged into the virtual hosts of the requests to the workload.
	VirtualHost *routev3.VirtualHost
	// Cluster is one more that the sidecar can call.
	Cluster *clusterv3.Cluster
}

// FilterArgs says whose sidecar is changed.
type FilterArgs struct {
	Filter
	// Workload is the application whose sidecar is changed.
	Workload *apps.Application
	// After is what has to be there first besides the workload. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *FilterArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Name == "" {
		problems = append(problems, errors.New("name is required"))
	}
	if a.HTTP == nil && a.VirtualHost == nil && a.Cluster == nil {
		problems = append(problems, errors.New("it changes nothing"))
	}
	if a.Workload == nil || a.Workload.Deployment == nil {
		problems = append(problems, errors.New("its workload is not there: run the application first"))
	}
	return errors.Join(problems...)
}

// AppliedFilter is an EnvoyFilter in the namespace of its workload, for this workload alone.
type AppliedFilter struct {
	pulumi.ResourceState
}

// NewFilter applies the filter, or makes nothing when the arguments are refused.
func NewFilter(ctx *pulumi.Context, name string, args *FilterArgs, opts ...pulumi.ResourceOption) (*AppliedFilter, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("filter %q: %w", name, err)
	}
	f := &AppliedFilter{}
	if err := ctx.RegisterComponentResource(FilterType, name, f, opts...); err != nil {
		return nil, err
	}
	_, err := args.Workload.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter",
		Metadata: cluster.Metadata{Name: args.Name, Namespace: apps.Namespace},
		Fields:   pulumi.Map{"spec": cluster.Spec(args.on(args.Workload.App))},
	}, f, pulumi.DependsOn(append([]pulumi.Resource{args.Workload.Deployment}, args.After...)))
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", name, err)
	}
	return f, ctx.RegisterResourceOutputs(f, pulumi.Map{})
}

// on is the filter on the sidecar of an application.
func (f Filter) on(app apps.App) *networking.EnvoyFilter {
	spec := &networking.EnvoyFilter{
		WorkloadSelector: &networking.WorkloadSelector{Labels: map[string]string{"app": app.Name}},
	}
	if f.HTTP != nil {
		spec.ConfigPatches = append(spec.ConfigPatches, &networking.EnvoyFilter_EnvoyConfigObjectPatch{
			ApplyTo: networking.EnvoyFilter_HTTP_FILTER,
			Match: &networking.EnvoyFilter_EnvoyConfigObjectMatch{
				Context:     networking.EnvoyFilter_SIDECAR_INBOUND,
				ObjectTypes: &networking.EnvoyFilter_EnvoyConfigObjectMatch_Listener{Listener: beforeRouter(app.Port)},
			},
			Patch: patch(networking.EnvoyFilter_Patch_INSERT_BEFORE, f.HTTP),
		})
	}
	if f.VirtualHost != nil {
		spec.ConfigPatches = append(spec.ConfigPatches, &networking.EnvoyFilter_EnvoyConfigObjectPatch{
			ApplyTo: networking.EnvoyFilter_VIRTUAL_HOST,
			Match:   &networking.EnvoyFilter_EnvoyConfigObjectMatch{Context: networking.EnvoyFilter_SIDECAR_INBOUND},
			Patch:   patch(networking.EnvoyFilter_Patch_MERGE, f.VirtualHost),
		})
	}
	if f.Cluster != nil {
		spec.ConfigPatches = append(spec.ConfigPatches, &networking.EnvoyFilter_EnvoyConfigObjectPatch{
			ApplyTo: networking.EnvoyFilter_CLUSTER,
			Match:   &networking.EnvoyFilter_EnvoyConfigObjectMatch{Context: networking.EnvoyFilter_SIDECAR_OUTBOUND},
			Patch:   patch(networking.EnvoyFilter_Patch_ADD, f.Cluster),
		})
	}
	return spec
}

// beforeRouter matches the router, the last HTTP filter of every port.
func beforeRouter(port int) *networking.EnvoyFilter_ListenerMatch {
	return &networking.EnvoyFilter_ListenerMatch{
		PortNumber: uint32(port),
		FilterChain: &networking.EnvoyFilter_ListenerMatch_FilterChainMatch{
			Filter: &networking.EnvoyFilter_ListenerMatch_FilterMatch{
				Name:      "envoy.filters.network.http_connection_manager",
				SubFilter: &networking.EnvoyFilter_ListenerMatch_SubFilterMatch{Name: "envoy.filters.http.router"},
			},
		},
	}
}

func patch(operation networking.EnvoyFilter_Patch_Operation, message proto.Message) *networking.EnvoyFilter_Patch {
	return &networking.EnvoyFilter_Patch{Operation: operation, Value: value(message)}
}

// value is a message of Envoy's as Istio takes it, with Envoy's own names of fields.
func value(message proto.Message) *structpb.Struct {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		panic(err) // a message of Envoy's own types always has a JSON form
	}
	s := &structpb.Struct{}
	if err := json.Unmarshal(text, s); err != nil {
		panic(err)
	}
	return s
}

// httpFilter is an HTTP filter of Envoy's with its configuration.
func httpFilter(name string, config proto.Message) *hcmv3.HttpFilter {
	return &hcmv3.HttpFilter{Name: name, ConfigType: &hcmv3.HttpFilter_TypedConfig{TypedConfig: packed(config)}}
}

// packed is a message with its type.
func packed(message proto.Message) *anypb.Any {
	packed, err := anypb.New(message)
	if err != nil {
		panic(err) // a message of Envoy's own types can always be written
	}
	return packed
}
