package istio

import "istio-lab/internal/release"

// EastWestGateway is what the manual's IstioOperator of an east-west gateway says: the gateway by which the clusters of other
// networks reach the workloads of this one.
type EastWestGateway struct {
	Site
	// Address is the load balancer's; empty leaves it and the NodePorts to the cluster.
	Address string
}

// EastWestLabel is the value of the label istio by which the gateway's pods are selected.
const EastWestLabel = "eastwestgateway"

// Operator returns the IstioOperator istio-eastwestgateway of the manual: nothing but the gateway, by the profile empty. The control
// plane stays the other operator's. The NodePorts are pinned, for the reason that ControlPlane.Operator gives.
func (g EastWestGateway) Operator() Operator {
	enabled := true
	o := Operator{Name: "istio-eastwestgateway", Spec: OperatorSpec{
		Profile: "empty", Hub: release.IstioHub, Tag: g.Release.Istio,
		Components: Components{IngressGateways: []Component{{
			Name: "istio-eastwestgateway", Enabled: &enabled,
			Label: map[string]string{
				"istio": EastWestLabel, "app": "istio-eastwestgateway", "topology.istio.io/network": g.Network,
			},
			K8s: &K8s{
				Env: []EnvVar{
					{Name: "ISTIO_META_ROUTER_MODE", Value: "sni-dnat"},
					{Name: "ISTIO_META_REQUESTED_NETWORK_VIEW", Value: g.Network},
				},
				ServiceAnnotations: loadBalancerIP(g.Address),
				Service: &Service{
					Ports: []ServicePort{
						{Name: "status-port", Port: 15021, TargetPort: 15021, NodePort: 32021},
						{Name: "mtls", Port: 15443, TargetPort: 15443, NodePort: 32443},
						{Name: "tcp-istiod", Port: 15012, TargetPort: 15012, NodePort: 32012},
						{Name: "tcp-webhook", Port: 15017, TargetPort: 15017, NodePort: 32017},
					},
				},
			},
		}}},
		Values: g.values(nil),
	}}
	if g.Address == "" {
		o.Spec.Components.IngressGateways[0].K8s.Service.unpin()
	}
	return o
}
