package envoyfilter

import (
	_ "embed" // cohort.lua
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	"google.golang.org/protobuf/types/known/durationpb"

	"istio-lab/components/apps"
)

//go:embed cohort.lua
var cohort string

// bucketTester is the name by which cohort.lua calls the application of that name.
const bucketTester = "bucket_tester"

// Lua runs cohort.lua on every request, and adds the cluster that it calls.
func Lua() Filter {
	return Filter{
		Name: "httpbin-lua-extension",
		HTTP: httpFilter("envoy.filters.http.lua", &luav3.Lua{DefaultSourceCode: &corev3.DataSource{
			Specifier: &corev3.DataSource_InlineString{InlineString: cohort},
		}}),
		Cluster: &clusterv3.Cluster{
			Name:                 bucketTester,
			ClusterDiscoveryType: &clusterv3.Cluster_Type{Type: clusterv3.Cluster_STRICT_DNS},
			DnsLookupFamily:      clusterv3.Cluster_V4_ONLY,
			ConnectTimeout:       durationpb.New(500 * time.Millisecond),
			LoadAssignment: &endpointv3.ClusterLoadAssignment{
				ClusterName: bucketTester,
				Endpoints: []*endpointv3.LocalityLbEndpoints{{
					LbEndpoints: []*endpointv3.LbEndpoint{{
						HostIdentifier: &endpointv3.LbEndpoint_Endpoint{Endpoint: &endpointv3.Endpoint{
							Address: tcp("bucket-tester."+apps.Namespace+".svc.cluster.local", 80),
						}},
					}},
				}},
			},
		},
	}
}

func tcp(host string, port uint32) *corev3.Address {
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address: host, PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: port},
	}}}
}
