package istio

import (
	"maps"
	"slices"

	"istio-lab/internal/release"
)

// ControlPlane is what the manual's IstioOperator of a control plane says, and what its later patches change.
type ControlPlane struct {
	Site
	// Egress keeps the demo profile's egress gateway.
	Egress bool
	// Ingress is where the ingress gateway is reached; nil leaves addresses and NodePorts to the cluster.
	Ingress *Ingress
	// Env is added to istiod's environment.
	Env map[string]string
}

// Ingress is where the ingress gateway is reached.
type Ingress struct {
	// Address is the load balancer's.
	Address string
	// HTTP and HTTPS are the NodePorts of the ports 80 and 443.
	HTTP, HTTPS int
}

// Operator returns the IstioOperator istio-controlplane of the manual.
//
// In a cluster of the lab's own every NodePort is pinned. Left to Kubernetes, one of them takes a port that an add-on is to have, now
// and then: in the manual's own listing the east-west gateway got 30003.
func (c ControlPlane) Operator() Operator {
	enabled := true
	pinned := Ingress{}
	if c.Ingress != nil {
		pinned = *c.Ingress
	}
	spec := OperatorSpec{
		Profile: "demo", Hub: release.IstioHub, Tag: c.Release.Istio,
		Components: Components{
			IngressGateways: []Component{{
				Name: "istio-ingressgateway", Enabled: &enabled,
				K8s: &K8s{ServiceAnnotations: loadBalancerIP(pinned.Address), Service: &Service{
					Ports: []ServicePort{
						{Name: "status-port", Port: 15021, TargetPort: 15021, NodePort: 30021},
						{Name: "http2", Port: 80, TargetPort: 8080, NodePort: pinned.HTTP},
						{Name: "https", Port: 443, TargetPort: 8443, NodePort: pinned.HTTPS},
						{Name: "tcp", Port: 31400, TargetPort: 31400, NodePort: 31400},
						{Name: "tls", Port: 15443, TargetPort: 15443, NodePort: 31543},
					},
					// Keeps the client's address, as the manual's patch does.
					ExternalTrafficPolicy: "Local",
					HealthCheckNodePort:   32100,
				}},
			}},
		},
	}
	ingress := &spec.Components.IngressGateways[0]
	if c.Ingress == nil {
		ingress.K8s.Service.unpin()
	}
	if c.Locality != "" {
		// The labels replace the chart's own, by which the gateway is found.
		ingress.Label = map[string]string{
			"app": ingress.Name, "istio": "ingressgateway", LocalityLabel: c.Locality,
		}
	}
	if !c.Egress {
		disabled := false
		spec.Components.EgressGateways = []Component{{Name: "istio-egressgateway", Enabled: &disabled}}
	}
	var own map[string]any
	if c.Release.Overridden[release.Pilot] {
		own = map[string]any{"pilot": map[string]any{"image": c.Release.Images[release.Pilot]}}
	}
	spec.Values = c.values(own)
	if len(c.Env) > 0 {
		// The list replaces the profile's, which holds this one variable.
		env := []EnvVar{{Name: "PILOT_TRACE_SAMPLING", Value: "100"}}
		for _, name := range slices.Sorted(maps.Keys(c.Env)) {
			env = append(env, EnvVar{Name: name, Value: c.Env[name]})
		}
		spec.Components.Pilot = &Component{K8s: &K8s{Env: env}}
	}
	return Operator{Name: "istio-controlplane", Spec: spec}
}
