package addons

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/components/istio"
	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
)

// sample is an add-on of Istio's samples/addons, as far as the lab relies on its manifest.
type sample struct {
	deployment string
	// page is what a browser asks for, and what gets the published NodePort.
	page endpoint
	// others are what the mesh asks for.
	others []endpoint
	// further is the first of ten NodePorts for the other ports of the page's Service.
	further int
}

// endpoint is a port of a Service.
type endpoint struct {
	service string
	port    int
}

// samples are the manual's by the names of their manifests. Newer releases have Loki too, which nothing in the lab writes to.
var samples = map[string]sample{
	release.Prometheus: {deployment: "prometheus", page: endpoint{"prometheus", 9090}, further: 30910},
	release.Grafana:    {deployment: "grafana", page: endpoint{"grafana", 3000}, further: 30920},
	release.Kiali:      {deployment: "kiali", page: endpoint{"kiali", 20001}, further: 30930},
	release.Jaeger: {
		deployment: "jaeger", page: endpoint{"tracing", 80}, further: 30940,
		others: []endpoint{{"zipkin", 9411}}, // where sidecars send their traces
	},
}

// Samples returns the names of Istio's add-ons, sorted.
func Samples() []string { return slices.Sorted(maps.Keys(samples)) }

// CheckManifest says what a manifest lacks of the one of Istio's samples/addons that makes the add-on, one of Samples, or
// returns nil.
func CheckManifest(addon string, objects []manifest.Object) error {
	s := samples[addon]
	var missing []string
	if find(objects, "Deployment", s.deployment) == nil {
		missing = append(missing, "Deployment "+s.deployment)
	}
	for _, e := range append([]endpoint{s.page}, s.others...) {
		ports := find(objects, "Service", e.service).Object("spec").Objects("ports")
		if !slices.ContainsFunc(ports, func(port manifest.Object) bool { return port.Int("port") == e.port }) {
			missing = append(missing, fmt.Sprintf("Service %s with the port %d", e.service, e.port))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("it is not Istio's samples/addons/%s.yaml: in %s it has no %s",
		addon, istio.SystemNamespace, strings.Join(missing, ", no "))
}

// find returns the object of a kind and a name in istio-system, or nil.
func find(objects []manifest.Object, kind, name string) manifest.Object {
	for _, o := range objects {
		if o.Title() == kind+" "+name && o.String("metadata", "namespace") == istio.SystemNamespace {
			return o
		}
	}
	return nil
}

// SampleArgs says which of Istio's add-ons to make, and where its pages are.
type SampleArgs struct {
	Cluster cluster.Cluster
	// Addon is one of Samples.
	Addon string
	// Manifest is the add-on's own, of Istio's samples/addons.
	Manifest []manifest.Object
	// NodePort is where the pages are; 0 keeps them inside the cluster.
	NodePort int
	// After is what has to be there first: the namespace istio-system. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *SampleArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil {
		problems = append(problems, errors.New("cluster is required"))
	}
	if _, known := samples[a.Addon]; !known {
		problems = append(problems, fmt.Errorf("add-on %q is not one of %v", a.Addon, Samples()))
	} else {
		problems = append(problems, CheckManifest(a.Addon, a.Manifest))
	}
	return errors.Join(problems...)
}

// NewSample makes one of Istio's add-ons, or nothing when the arguments are refused.
func NewSample(ctx *pulumi.Context, name string, args *SampleArgs, opts ...pulumi.ResourceOption) (*Addon, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("add-on %q: %w", name, err)
	}
	var objects []manifest.Object
	for _, object := range args.Manifest {
		objects = append(objects, samples[args.Addon].prepare(object, args.NodePort))
	}
	return newAddon(ctx, name, args.Cluster, [][]manifest.Object{objects}, args.After, opts)
}

// prepare changes what the manifest has to have changed. It leaves the object alone and returns another.
func (s sample) prepare(object manifest.Object, nodePort int) manifest.Object {
	object = object.Clone()
	switch {
	case object.Title() == "Service "+s.page.service && nodePort > 0:
		s.open(object.Object("spec"), nodePort)
	case object.String("kind") == "Service":
		keepInside(object.Object("spec"))
	case object.String("kind") == "Deployment":
		for _, container := range object.Object("spec", "template", "spec").Objects("containers") {
			nameOnce(container)
		}
	}
	return object
}

// open gives the Service of the add-on's pages its NodePort, as the manual's patch does. The patch leaves further ports to
// Kubernetes, which now and then takes a NodePort that is published for something else; here each is pinned.
func (s sample) open(spec manifest.Object, nodePort int) {
	spec["type"] = "NodePort"
	further := s.further
	for _, port := range spec.Objects("ports") {
		if port.Int("port") == s.page.port {
			port["nodePort"] = nodePort
		} else {
			port["nodePort"] = further
			further++
		}
	}
}

// keepInside takes from a Service what opens it to the outside: the addresses of MetalLB's pool are for gateways.
func keepInside(spec manifest.Object) {
	if t := spec.String("type"); t != "NodePort" && t != "LoadBalancer" {
		return
	}
	delete(spec, "type")
	for _, port := range spec.Objects("ports") {
		delete(port, "nodePort")
	}
}

// nameOnce leaves out second names of a container's port. Grafana's manifest of Istio 1.17 has one, to which nothing refers,
// and which server-side apply, the provider's way to put objects into a cluster, refuses.
func nameOnce(container manifest.Object) {
	seen := map[string]bool{}
	var ports []any
	for _, port := range container.Objects("ports") {
		key := fmt.Sprint(port.Int("containerPort"), port.String("protocol"))
		if !seen[key] {
			ports = append(ports, map[string]any(port))
		}
		seen[key] = true
	}
	if len(ports) > 0 {
		container["ports"] = ports
	}
}
