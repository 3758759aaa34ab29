package preflight

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"istio-lab/internal/kubeapi"
	"istio-lab/internal/kubeconfig"
	"istio-lab/internal/owner"
	"istio-lab/internal/settings"
)

// Existing is a cluster that a person has.
type Existing struct {
	// Name is the lab's name for the cluster, Setting where it is set, such as lab.clusters.west.
	Name, Setting string
	settings.Existing
}

// Object is an object that is of no namespace.
type Object struct {
	// Kind is Namespace, ClusterRole or ClusterRoleBinding.
	Kind, Name string
}

// path is where the API has objects of the kind.
func (o Object) path() string {
	at := "/apis/rbac.authorization.k8s.io/v1/"
	if o.Kind == "Namespace" {
		at = "/api/v1/"
	}
	return at + strings.ToLower(o.Kind) + "s/" + url.PathEscape(o.Name)
}

// remedy is what helps besides.
func (o Object) remedy() string {
	if o.Kind == "Namespace" {
		return ""
	}
	return ", or leave out the add-on that brings it, in lab.addons"
}

// answerWithin bounds one question to an API server.
const answerWithin = 10 * time.Second

// Known is what an existing cluster has said of itself.
type Known struct {
	// Kubeconfig is that of its context alone. It is secret.
	Kubeconfig string
	// Identity is the UID of the namespace kube-system: another cluster has another.
	Identity string
	// Server is the URL of the API server, as pods of other clusters reach it.
	Server string

	api *kubeapi.API
}

// Meet asks each of the wanted existing clusters who it is, and returns what it says by the lab's names for them. The error joins all
// that would make the lab fail on one of them, or take over what it did not make.
func Meet(ctx context.Context, want Want) (map[string]Known, error) {
	findings, known := examineExisting(ctx, want)
	if err := Stops(findings); err != nil {
		return nil, err
	}
	return known, nil
}

// examineExisting asks all clusters at once.
func examineExisting(ctx context.Context, want Want) ([]Finding, map[string]Known) {
	findings, found := make([]Finding, len(want.Existing)), make([]Known, len(want.Existing))
	var asking sync.WaitGroup
	for i, cluster := range want.Existing {
		asking.Go(func() { findings[i], found[i] = want.examineOne(ctx, cluster) })
	}
	asking.Wait()
	known := map[string]Known{}
	for i, cluster := range want.Existing {
		for other, k := range known {
			if k.Identity != "" && k.Identity == found[i].Identity {
				findings[i].Problems = append(findings[i].Problems, fmt.Errorf("%s: %s and %s are one cluster; give one of them another context",
					cluster.Setting, cluster.Name, other))
			}
		}
		known[cluster.Name] = found[i]
	}
	return findings, known
}

// examineOne asks one cluster.
func (w Want) examineOne(ctx context.Context, cluster Existing) (Finding, Known) {
	f := Finding{
		Topic: "cluster " + cluster.Name, Found: "context " + cluster.Context, Why: "the mesh is put on it, and taken away again",
	}
	refuse := func(err error) (Finding, Known) {
		f.Problems = append(f.Problems, fmt.Errorf("%s: %w", cluster.Setting, err))
		return f, Known{}
	}
	text, err := kubeconfig.Context(cluster.Kubeconfig, cluster.Context)
	if err != nil {
		return refuse(err)
	}
	api, err := kubeapi.Connect(text, answerWithin)
	if err != nil {
		return refuse(err)
	}
	var version struct{ GitVersion string }
	if _, err := api.Ask(ctx, http.MethodGet, "/version", nil, &version); err != nil {
		return refuse(fmt.Errorf("its API server %s does not answer: %w; does `kubectl %s version`?", api.Server, err, cluster.Options()))
	}
	f.Found = fmt.Sprintf("Kubernetes %s at %s, context %s", version.GitVersion, api.Server, cluster.Context)
	if err := w.Release.CheckKubernetes(version.GitVersion); err != nil {
		f.Problems = append(f.Problems, fmt.Errorf("%s: it is %w, or another release", cluster.Setting, err))
	}
	if err := allowsAll(ctx, api, cluster.Context); err != nil {
		return refuse(err)
	}
	var system metadata
	if _, err := api.Ask(ctx, http.MethodGet, "/api/v1/namespaces/kube-system", nil, &system); err != nil {
		return refuse(err)
	}
	known := Known{Kubeconfig: text, Identity: system.Metadata.UID, Server: cluster.APIServer(api.Server), api: api}
	if len(w.Existing) > 1 && known.Server != api.Server && known.Server != "" {
		f.Found += ", for pods " + known.Server
	}
	f.Problems = append(f.Problems, w.Untaken(ctx, known, cluster, w.Objects)...)
	if err := w.noOtherIstio(ctx, api, cluster.Name); err != nil {
		f.Problems = append(f.Problems, fmt.Errorf("%s: %w", cluster.Setting, err))
	}
	if known.Server == "" && len(w.Existing) > 1 {
		f.Problems = append(f.Problems, fmt.Errorf("%s: pods of the other cluster cannot reach %s; set %s.server to the URL that they reach",
			cluster.Setting, api.Server, cluster.Setting))
	}
	return f, known
}

// Untaken objects to each object that is there and that the stack did not make: it would take it over, and delete it in the end.
func (w Want) Untaken(ctx context.Context, known Known, cluster Existing, objects []Object) (problems []error) {
	for _, object := range objects {
		var there metadata
		found, err := known.api.Ask(ctx, http.MethodGet, object.path(), nil, &there)
		annotations := there.Metadata.Annotations
		stack, origin, member := annotations[owner.StackLabel], annotations[owner.OriginLabel], annotations[owner.ClusterAnnotation]
		switch {
		case err != nil || !found:
		case w.ours(annotations) && member != "" && member != cluster.Name:
			err = fmt.Errorf("the %s %s is of this stack's %s, and the clusters of a lab do not change places; destroy it first, with the "+
				"contexts that it had", object.Kind, object.Name, member)
		case w.ours(annotations):
		case stack == w.Owner.Stack:
			err = fmt.Errorf("the %s %s is of a stack of this name, of %s; destroy that one, or if it is this one, from another computer, say so "+
				"by `kubectl %s annotate --overwrite %s %s %s=%s`", object.Kind, object.Name, origin, cluster.Options(),
				strings.ToLower(object.Kind), object.Name, owner.OriginLabel, w.Owner.Origin)
		case stack != "":
			err = fmt.Errorf("the %s %s is of the stack %s of %s; destroy that one, or choose another cluster",
				object.Kind, object.Name, stack, origin)
		default:
			err = fmt.Errorf("the %s %s is there, and this stack did not make it; take it away if nobody needs it, or choose another cluster"+
				"%s", object.Kind, object.Name, object.remedy())
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", cluster.Setting, err))
		}
	}
	return problems
}

// ours says whether annotations are the stack's.
func (w Want) ours(annotations map[string]string) bool {
	return checker{want: w, here: thisHost}.ours(annotations)
}

// noOtherIstio objects to an Istio that is not the lab's, be it in another namespace or outside the cluster: the lab's is taken out with
// all that is Istio's in the cluster.
func (w Want) noOtherIstio(ctx context.Context, api *kubeapi.API, cluster string) error {
	var istiods struct{ Items []metadata }
	if _, err := api.Ask(ctx, http.MethodGet, "/apis/apps/v1/deployments?labelSelector=app%3Distiod", nil, &istiods); err != nil {
		return err
	}
	for _, istiod := range istiods.Items {
		if !slices.Contains(w.Objects, Object{"Namespace", istiod.Metadata.Namespace}) {
			return fmt.Errorf("%s has an Istio already, %s in the namespace %s, and the lab would take it away together with its own; choose "+
				"another cluster, or uninstall that one first", cluster, istiod.Metadata.Name, istiod.Metadata.Namespace)
		}
	}
	if len(istiods.Items) > 0 {
		return nil
	}
	for _, object := range w.Objects { // the lab's own may be there without an istiod
		var there metadata
		if found, err := api.Ask(ctx, http.MethodGet, object.path(), nil, &there); err != nil || found && w.ours(there.Metadata.Annotations) {
			return err
		}
	}
	var apis struct{ Groups []struct{ Name string } }
	if _, err := api.Ask(ctx, http.MethodGet, "/apis", nil, &apis); err != nil {
		return err
	}
	for _, group := range apis.Groups {
		if strings.HasSuffix(group.Name, ".istio.io") {
			return fmt.Errorf("%s knows objects of %s, as of an Istio outside of it or one that was there, and the lab would take them all away "+
				"together with its own; choose another cluster, or take them away first by `istioctl uninstall --purge`", cluster, group.Name)
		}
	}
	return nil
}

// metadata is what is read of objects.
type metadata struct {
	Metadata struct {
		Name, Namespace, UID string
		Annotations          map[string]string
	}
}

// allowsAll objects unless the context's user may do everything: istioctl makes definitions, webhooks and roles.
func allowsAll(ctx context.Context, api *kubeapi.API, name string) error {
	type review struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Spec       map[string]any `json:"spec"`
		Status     struct{ Allowed bool }
	}
	asked := review{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview", Spec: map[string]any{
		"resourceAttributes": map[string]string{"verb": "*", "group": "*", "resource": "*"},
	}}
	var answered review
	if _, err := api.Ask(ctx, http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", asked, &answered); err != nil {
		return err
	}
	if !answered.Status.Allowed {
		return fmt.Errorf("the user of the context %s may not do everything in its cluster, and installing Istio needs that; take one of the "+
			"role cluster-admin", name)
	}
	return nil
}
