package preflight

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/internal/owner"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// theirs is the API server of a person's cluster as far as it is asked.
type theirs struct {
	*httptest.Server
	uid     string
	version string
	forbids bool
	// objects are annotations by the path of what has them; istiods are namespaces.
	objects map[string]map[string]string
	istiods []string
	// groups are of the API.
	groups []string
}

func newTheirs(t *testing.T, uid string) *theirs {
	c := &theirs{uid: uid, version: "v1.26.15", objects: map[string]map[string]string{}}
	c.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := func(value any) { _ = json.NewEncoder(w).Encode(value) }
		named := func(metadata map[string]any) map[string]any { return map[string]any{"metadata": metadata} }
		switch path := r.URL.Path; path {
		case "/version":
			answer(map[string]string{"gitVersion": c.version})
		case "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
			w.WriteHeader(http.StatusCreated)
			answer(map[string]any{"status": map[string]bool{"allowed": !c.forbids}})
		case "/api/v1/namespaces/kube-system":
			answer(named(map[string]any{"uid": c.uid}))
		case "/apis":
			groups := []any{}
			for _, name := range append(c.groups, "apps", "gateway.networking.k8s.io") {
				groups = append(groups, map[string]string{"name": name})
			}
			answer(map[string]any{"groups": groups})
		case "/apis/apps/v1/deployments":
			items := []any{}
			for _, namespace := range c.istiods {
				items = append(items, named(map[string]any{"name": "istiod", "namespace": namespace}))
			}
			answer(map[string]any{"items": items})
		default:
			if annotations, there := c.objects[path]; there {
				answer(named(map[string]any{"annotations": annotations}))
				return
			}
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// guest is what a stack wants of clusters, whose contexts are in one file.
func guest(t *testing.T, clusters ...*theirs) Want {
	text := "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: t}}]\nclusters:\n"
	contexts := "contexts:\n"
	book, err := release.For("book", release.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	w := Want{Owner: us, Release: book, Objects: []Object{{"Namespace", "istio-system"}, {"Namespace", "istioinaction"}}}
	file := filepath.Join(t.TempDir(), "config")
	for i, c := range clusters {
		name := []string{"west", "east"}[i]
		text += fmt.Sprintf("- {name: %s, cluster: {server: %q, insecure-skip-tls-verify: true}}\n", name, c.URL)
		contexts += fmt.Sprintf("- {name: kind-%s, context: {cluster: %[1]s, user: u}}\n", name)
		if i == 0 {
			contexts += "- {name: mine, context: {cluster: west, user: u}}\n"
		}
		w.Existing = append(w.Existing, Existing{Name: name, Setting: "lab.clusters." + name, Existing: settings.Existing{
			Kubeconfig: file, Context: "kind-" + name, Server: "https://" + name + "-control-plane:6443",
		}})
	}
	if err := os.WriteFile(file, []byte(text+contexts), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestClustersOfAPersonAreKnownByTheirUIDAndTheServerThatPodsReach(t *testing.T) {
	west, east := newTheirs(t, "1"), newTheirs(t, "2")
	for _, path := range []string{"/api/v1/namespaces/istio-system", "/api/v1/namespaces/istioinaction"} {
		west.objects[path] = labels(us) // of a former run
	}
	west.groups, east.groups = []string{"networking.istio.io"}, nil
	west.objects["/api/v1/namespaces/istioinaction"]["istio-lab.cluster"] = "west"
	w := guest(t, west, east)
	w.Existing[1].Server = "" // a kind cluster's is known
	known, err := Meet(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if known["west"].Identity != "1" || known["east"].Identity != "2" || known["east"].Server != "https://east-control-plane:6443" ||
		!strings.Contains(known["west"].Kubeconfig, west.URL) || strings.Contains(known["west"].Kubeconfig, east.URL) {
		t.Errorf("%+v", known)
	}
}

func TestAClusterOfAPersonThatTheLabWouldHarmOrCannotUseIsRefused(t *testing.T) {
	other := us
	other.Stack = "organization/istio-lab/other"
	for name, test := range map[string]struct {
		change func(w *Want, west, east *theirs)
		want   string
	}{
		"no such context": {
			func(w *Want, _, _ *theirs) { w.Existing[0].Context = "kind-wst" },
			`lab.clusters.west: %FILE% has no context "kind-wst"; did you mean "kind-west"?`,
		},
		"no such file": {func(w *Want, _, _ *theirs) { w.Existing[1].Kubeconfig = "/nowhere" }, "lab.clusters.east: stat /nowhere"},
		"nobody listens": {
			func(_ *Want, west, _ *theirs) { west.Close() }, "lab.clusters.west: its API server https://127.0.0.1:%PORT% does not answer",
		},
		"a Kubernetes that the release's Istio does not support": {
			func(_ *Want, _, east *theirs) { east.version = "v1.33.5-eks-1" },
			"lab.clusters.east: it is Kubernetes 1.33.5-eks-1, and Istio 1.17.8 supports 1.23 to 1.26 only; choose one of those, or another release",
		},
		"too few rights": {
			func(_ *Want, west, _ *theirs) { west.forbids = true }, "lab.clusters.west: the user of the context kind-west may not do everything",
		},
		"a namespace of the person's own": {
			func(_ *Want, _, east *theirs) { east.objects["/api/v1/namespaces/istio-system"] = nil },
			"lab.clusters.east: the Namespace istio-system is there, and this stack did not make it",
		},
		"a namespace of another stack": {
			func(_ *Want, west, _ *theirs) { west.objects["/api/v1/namespaces/istioinaction"] = labels(other) },
			"lab.clusters.west: the Namespace istioinaction is of the stack organization/istio-lab/other of ann@laptop:/home/ann/lab",
		},
		"an Istio in another namespace": {
			func(_ *Want, west, _ *theirs) { west.istiods = []string{"mesh"} }, "west has an Istio already, istiod in the namespace mesh",
		},
		"what an Istio elsewhere has left or is told by": {
			func(_ *Want, west, _ *theirs) { west.groups = []string{"networking.istio.io"} }, "west knows objects of networking.istio.io",
		},
		"the other cluster of the same lab": {
			func(_ *Want, west, _ *theirs) {
				west.objects["/api/v1/namespaces/istio-system"] = labels(us)
				west.objects["/api/v1/namespaces/istio-system"][owner.ClusterAnnotation] = "east"
			},
			"lab.clusters.west: the Namespace istio-system is of this stack's east, and the clusters of a lab do not change places",
		},
		"a stack of the same name, or the same one from another computer": {
			func(w *Want, west, _ *theirs) {
				west.objects["/api/v1/namespaces/istio-system"] = labels(withOrigin("ann@desktop:/home/ann/lab"))
			},
			"of a stack of this name, of ann@desktop:/home/ann/lab; destroy that one, or if it is this one, from another computer, say so by " +
				"`kubectl --kubeconfig=%FILE% --context=kind-west annotate --overwrite namespace istio-system istio-lab.origin=" + us.Origin + "`",
		},
		"the same cluster twice": {
			func(_ *Want, west, east *theirs) { east.uid = west.uid }, "lab.clusters.east: east and west are one cluster",
		},
		"a server that only this host reaches": {
			func(w *Want, _, _ *theirs) { w.Existing[0].Server, w.Existing[0].Context = "", "mine" },
			"lab.clusters.west: pods of the other cluster cannot reach https://127.0.0.1:%PORT%; set lab.clusters.west.server to the URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			west, east := newTheirs(t, "1"), newTheirs(t, "2")
			w := guest(t, west, east)
			test.change(&w, west, east)
			_, err := Meet(t.Context(), w)
			if err == nil {
				t.Fatal("it is taken")
			}
			want := strings.NewReplacer("%FILE%", w.Existing[0].Kubeconfig,
				"%PORT%", west.URL[strings.LastIndex(west.URL, ":")+1:]).Replace(test.want)
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got:\n%v\nwant, and nothing else:\n%s", err, want)
			}
		})
	}
}

func TestARoleOfThePersonsOwnIsNotTakenOver(t *testing.T) {
	west := newTheirs(t, "1")
	w := guest(t, west)
	known, err := Meet(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	roles := []Object{{"ClusterRole", "kiali"}, {"ClusterRoleBinding", "kiali"}}
	if problems := w.Untaken(t.Context(), known["west"], w.Existing[0], roles); len(problems) > 0 {
		t.Errorf("of what is not there: %v", problems)
	}
	west.objects["/apis/rbac.authorization.k8s.io/v1/clusterroles/kiali"] = nil
	west.objects["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kiali"] = labels(us)
	problems := w.Untaken(t.Context(), known["west"], w.Existing[0], roles)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "ClusterRole kiali is there") ||
		!strings.Contains(problems[0].Error(), "lab.addons") {
		t.Errorf("%v", problems)
	}
}
