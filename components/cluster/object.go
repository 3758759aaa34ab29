package cluster

import (
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/manifest"
	"istio-lab/internal/owner"
)

// Object is a Kubernetes object in a cluster.
//
// It stands for the typed resources of the Kubernetes SDK, whose Go package of the core group alone takes 38 s of a core and
// 2.8 GB of memory to compile (measured 2026-11-23), which a student's first preview would wait for. The provider is the
// same, and so are the types that a preview shows.
type Object struct {
	pulumi.CustomResourceState
	// Metadata is the object's metadata as the cluster has it.
	Metadata pulumi.MapOutput `pulumi:"metadata"`
}

// Manifest is an object as Kubernetes has it.
type Manifest struct {
	APIVersion, Kind string
	Metadata         Metadata
	// Fields is the rest: spec, data, rules and so on.
	Fields pulumi.Map
}

// Metadata names an object. An empty name lets Pulumi choose one that is unique, and so replace the object without a gap.
type Metadata struct {
	Name, Namespace string
	Labels          map[string]string
	Annotations     map[string]string
}

// skipAwait is the annotation of every Service. The provider waits 10 s for one in any case, for endpoints that may come later or
// never, and nothing in a lab needs them before it goes on.
const skipAwait = "pulumi.com/skipAwait"

// NewObject puts an object into the cluster.
func (c Cluster) NewObject(
	ctx *pulumi.Context, name string, m Manifest, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (*Object, error) {
	if marks := c.marks(m.Metadata.Namespace); marks != nil {
		maps.Copy(marks, m.Metadata.Annotations)
		m.Metadata.Annotations = marks
	}
	if m.Metadata.Name != "" {
		opts = append([]pulumi.ResourceOption{unique}, opts...)
	}
	return c.register(ctx, name, m.APIVersion, m.Kind, m.inputs(), parent, opts)
}

// marks are the annotations of an object in a namespace, or of none, by which the next stack can tell whose it is; nil where it need not.
func (c Cluster) marks(namespace string) map[string]string {
	if c.Guest == nil || namespace != "" {
		return nil
	}
	marks := map[string]string{owner.ClusterAnnotation: c.Name}
	for _, label := range c.Guest.Labels() {
		marks[label.Key] = label.Value
	}
	return marks
}

// inputs are the object as the provider takes it.
func (m Manifest) inputs() pulumi.Map {
	metadata := pulumi.Map{}
	if m.Metadata.Name != "" {
		metadata["name"] = pulumi.String(m.Metadata.Name)
	}
	if m.Metadata.Namespace != "" {
		metadata["namespace"] = pulumi.String(m.Metadata.Namespace)
	}
	if len(m.Metadata.Labels) > 0 {
		metadata["labels"] = pulumi.ToStringMap(m.Metadata.Labels)
	}
	annotations := pulumi.ToStringMap(m.Metadata.Annotations)
	if m.Kind == "Service" {
		annotations[skipAwait] = pulumi.String("true")
	}
	if len(annotations) > 0 {
		metadata["annotations"] = annotations
	}
	inputs := pulumi.Map{"apiVersion": pulumi.String(m.APIVersion), "kind": pulumi.String(m.Kind), "metadata": metadata}
	for field, value := range m.Fields {
		inputs[field] = value
	}
	return inputs
}

// NewDecoded puts an object of a third-party manifest into the cluster, as it was decoded.
func (c Cluster) NewDecoded(
	ctx *pulumi.Context, name string, object manifest.Object, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (*Object, error) {
	annotations := c.marks(object.String("metadata", "namespace"))
	if object.String("kind") == "Service" {
		annotations = map[string]string{skipAwait: "true"}
	}
	if len(annotations) > 0 {
		object = object.Clone()
		metadata := object.Object("metadata")
		if metadata.Object("annotations") == nil {
			metadata["annotations"] = map[string]any{}
		}
		for key, value := range annotations {
			metadata.Object("annotations")[key] = value
		}
	}
	opts = append([]pulumi.ResourceOption{unique}, opts...)
	return c.register(ctx, name, object.String("apiVersion"), object.String("kind"), pulumi.ToMap(object), parent, opts)
}

func (c Cluster) register(
	ctx *pulumi.Context, name, apiVersion, kind string, inputs pulumi.Map, parent pulumi.Resource, opts []pulumi.ResourceOption,
) (*Object, error) {
	o := &Object{}
	return o, ctx.RegisterResource(token(apiVersion, kind), name, inputs, o, append([]pulumi.ResourceOption{c.In(parent)}, opts...)...)
}

// unique is the option of what there can be only one of, by its name: the old one is deleted before the new one is created. The provider says
// so too when it replaces an object. But when an update was interrupted that was about to replace the node, and the node is to stay after
// all, the engine creates each object anew that it has marked as gone with the node, and asks no provider. It would then delete the old
// object, which is the new one.
var unique = pulumi.DeleteBeforeReplace(true)

// token is the type that the provider's schema gives to a kind.
func token(apiVersion, kind string) string {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}

// Name is the name of the object in the cluster, known once it is there when Pulumi chose it.
func (o *Object) Name() pulumi.StringOutput {
	return o.Metadata.ApplyT(func(metadata map[string]any) string {
		name, _ := metadata["name"].(string)
		return name
	}).(pulumi.StringOutput)
}
