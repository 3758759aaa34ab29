package istio

import (
	"maps"

	"sigs.k8s.io/yaml"
)

// Operator is an IstioOperator: what istioctl installs. It holds the fields that this lab uses; the API is the same from Istio
// 1.17 to today, and istioctl reads it although the controller of that name is gone since 1.24.
type Operator struct {
	// Name tells apart the specs that are installed in one cluster; each owns its objects.
	Name string
	Spec OperatorSpec
}

// OperatorSpec is the spec of an IstioOperator.
type OperatorSpec struct {
	// Profile is what the spec is merged over: demo, empty and so on.
	Profile string `json:"profile,omitempty"`
	// Hub and Tag are those of all images that values do not name. Left out, they are istioctl's own, which are of another place in some
	// of its versions.
	Hub        string         `json:"hub,omitempty"`
	Tag        string         `json:"tag,omitempty"`
	MeshConfig map[string]any `json:"meshConfig,omitempty"`
	Components Components     `json:"components,omitzero"`
	// Values are Helm values, merged over the profile's.
	Values map[string]any `json:"values,omitempty"`
}

// Components are the parts of Istio that are installed.
type Components struct {
	Pilot           *Component  `json:"pilot,omitempty"`
	IngressGateways []Component `json:"ingressGateways,omitempty"`
	EgressGateways  []Component `json:"egressGateways,omitempty"`
}

// Component is one Deployment and what belongs to it.
type Component struct {
	Name    string            `json:"name,omitempty"`
	Enabled *bool             `json:"enabled,omitempty"`
	Label   map[string]string `json:"label,omitempty"`
	K8s     *K8s              `json:"k8s,omitempty"`
}

// K8s changes a component's Kubernetes objects. A list replaces the profile's list; it is not merged with it.
type K8s struct {
	Env                []EnvVar          `json:"env,omitempty"`
	Service            *Service          `json:"service,omitempty"`
	ServiceAnnotations map[string]string `json:"serviceAnnotations,omitempty"`
}

// EnvVar is an environment variable of a component.
type EnvVar struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Service changes the Service of a gateway.
type Service struct {
	Ports                 []ServicePort `json:"ports,omitempty"`
	ExternalTrafficPolicy string        `json:"externalTrafficPolicy,omitempty"`
	HealthCheckNodePort   int           `json:"healthCheckNodePort,omitempty"`
}

// loadBalancerIP asks MetalLB for an address, in the place of the field loadBalancerIP, which Kubernetes deprecated in 1.24. An empty
// address leaves the choice to the load balancer.
func loadBalancerIP(address string) map[string]string {
	if address == "" {
		return nil
	}
	return map[string]string{"metallb.io/loadBalancerIPs": address}
}

// unpin leaves the NodePorts to the cluster.
func (s *Service) unpin() {
	s.HealthCheckNodePort = 0
	for i := range s.Ports {
		s.Ports[i].NodePort = 0
	}
}

// ServicePort is a port of a gateway's Service. A NodePort of 0 lets Kubernetes choose.
type ServicePort struct {
	Name       string `json:"name"`
	Port       int    `json:"port"`
	TargetPort int    `json:"targetPort"`
	NodePort   int    `json:"nodePort,omitempty"`
}

// YAML renders the IstioOperator as the file that istioctl reads, in namespace.
func (o Operator) YAML(namespace string) string {
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
		"metadata": map[string]any{"name": o.Name, "namespace": namespace},
		"spec":     o.Spec,
	})
	if err != nil {
		panic(err) // values come from JSON
	}
	return string(text)
}

// Disabled returns the operator with every component switched off. Installing it removes what the operator owned, and nothing else.
func (o Operator) Disabled() Operator {
	disabled := false
	off := func(components []Component) []Component {
		var all []Component
		for _, c := range components {
			all = append(all, Component{Name: c.Name, Enabled: &disabled})
		}
		return all
	}
	o.Spec.Components = Components{
		IngressGateways: off(o.Spec.Components.IngressGateways), EgressGateways: off(o.Spec.Components.EgressGateways),
	}
	return o
}

// Merge returns base with the values of over in it, key by key through all levels; where both have a value that is not an
// object, over wins. Neither is changed.
func Merge(base, over map[string]any) map[string]any {
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range over {
		below, isObject := value.(map[string]any)
		if old, wasObject := merged[key].(map[string]any); isObject && wasObject {
			value = Merge(old, below)
		}
		merged[key] = value
	}
	return merged
}
