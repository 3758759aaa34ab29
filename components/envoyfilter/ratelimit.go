package envoyfilter

import (
	"fmt"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	ratelimitv3 "github.com/envoyproxy/go-control-plane/envoy/config/ratelimit/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	ratelimitfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ratelimit/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"istio-lab/components/ratelimit"
	"istio-lab/internal/loyalty"
)

// RateLimit has the rate limit service asked about every request that RateLimitActions describes. A request that is over a limit gets
// status 429; while the service does not answer, every request gets 500.
func RateLimit() Filter {
	return Filter{
		Name: "catalog-ratelimit-filter",
		HTTP: httpFilter("envoy.filters.http.ratelimit", &ratelimitfilterv3.RateLimit{
			Domain:          ratelimit.Domain,
			FailureModeDeny: true,
			Timeout:         durationpb.New(10 * time.Second),
			RateLimitService: &ratelimitv3.RateLimitServiceConfig{
				TransportApiVersion: corev3.ApiVersion_V3,
				GrpcService: &corev3.GrpcService{TargetSpecifier: &corev3.GrpcService_EnvoyGrpc_{
					EnvoyGrpc: &corev3.GrpcService_EnvoyGrpc{
						ClusterName: fmt.Sprintf("outbound|%d||%s", ratelimit.Port, ratelimit.Host),
						Authority:   ratelimit.Host, // by default the cluster's name, which is no host's
					},
				}},
			},
		}),
	}
}

// RateLimitActions describe a request to the rate limit service by its tier. A request of a tier that is not known is not described,
// and so not limited.
func RateLimitActions() Filter {
	host := &routev3.VirtualHost{}
	for _, tier := range loyalty.Tiers() {
		host.RateLimits = append(host.RateLimits, &routev3.RateLimit{Actions: []*routev3.RateLimit_Action{{
			ActionSpecifier: &routev3.RateLimit_Action_HeaderValueMatch_{HeaderValueMatch: ofTier(tier)},
		}}})
	}
	return Filter{Name: "catalog-ratelimit-actions", VirtualHost: host}
}

// ofTier matches the requests of a tier.
func ofTier(tier loyalty.Tier) *routev3.RateLimit_Action_HeaderValueMatch {
	header := &routev3.HeaderMatcher{Name: "x-loyalty"} // whatever its value
	match := &routev3.RateLimit_Action_HeaderValueMatch{
		DescriptorValue: ratelimit.Descriptor(tier), Headers: []*routev3.HeaderMatcher{header},
	}
	if tier == loyalty.None {
		match.ExpectMatch = wrapperspb.Bool(false)
		return match
	}
	header.HeaderMatchSpecifier = &routev3.HeaderMatcher_StringMatch{StringMatch: &matcherv3.StringMatcher{
		MatchPattern: &matcherv3.StringMatcher_Exact{Exact: string(tier)},
	}}
	return match
}
