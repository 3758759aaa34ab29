package checks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"istio-lab/internal/allot"
)

// serving is a client of a cluster whose API server answers with the objects by their paths, and knows no others.
func serving(t *testing.T, objects map[string]any) *Cluster {
	t.Helper()
	return answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		object, known := objects[r.URL.Path]
		if !known {
			w.WriteHeader(http.StatusNotFound)
			object = map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
		}
		if err := json.NewEncoder(w).Encode(object); err != nil {
			t.Error(err)
		}
	})
}

// answering is a person's client of a cluster with an API server.
func answering(t *testing.T, api http.HandlerFunc) *Cluster {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	slot, err := allot.For(0, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(slot.West, kubeconfigOf(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func kubeconfigOf(server string) string {
	return kubeconfigWith(server, person)
}

// person is the token of a person's kubeconfig.
const person = "a person's"

func kubeconfigWith(server, token string) string {
	return fmt.Sprintf(`{"clusters": [{"name": "c", "cluster": {"server": %q}}], "users": [{"name": "u", "user": {"token": %q}}],
		"contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "current-context": "c"}`, server, token)
}

type object = map[string]any

func TestADeploymentIsCompleteOrSaysWhatItLacks(t *testing.T) {
	const path, istioSystem = "/apis/apps/v1/namespaces/istio-system/deployments/istiod", "/api/v1/namespaces/istio-system"
	waiting := object{"apiVersion": "v1", "kind": "PodList", "items": []object{{
		"metadata": object{"name": "istiod-1", "namespace": "istio-system"},
		"status": object{"phase": "Pending", "containerStatuses": []object{{
			"name": "discovery", "state": object{"waiting": object{"reason": "ImagePullBackOff", "message": "no such tag"}},
		}}},
	}}}
	for name, test := range map[string]struct {
		spec, status object
		says         []string // none if it is complete
		lasting      bool
	}{
		"complete":  {object{"replicas": 1}, object{"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}, nil, false},
		"stopped":   {object{"replicas": 0}, object{}, []string{"istio-system/istiod of west is scaled to 0"}, true},
		"not there": {nil, nil, []string{"west has no deployments istio-system/istiod"}, true},
		"not ready": {
			object{"replicas": 1}, object{"replicas": 1, "updatedReplicas": 1},
			[]string{"0 of 1 replicas ready", "pod istiod-1 Pending", "ImagePullBackOff no such tag"}, false,
		},
		"rolling": {
			object{"replicas": 1}, object{"replicas": 2, "readyReplicas": 1, "updatedReplicas": 1}, []string{"1 of 2 up to date"}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			objects := map[string]any{
				istioSystem + "/pods": waiting, istioSystem + "/events": object{"apiVersion": "v1", "kind": "EventList", "items": []object{}},
			}
			if test.spec != nil {
				objects[path] = object{
					"apiVersion": "apps/v1", "kind": "Deployment", "metadata": object{"name": "istiod", "namespace": "istio-system"},
					"spec": test.spec, "status": test.status,
				}
			}
			err := serving(t, objects).Deployed(t.Context(), "istio-system", "istiod")
			if test.says == nil && err != nil || test.says != nil && err == nil || lasts(err) != test.lasting {
				t.Fatalf("the objection is (lasting: %t): %v", lasts(err), err)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestAProxyIsInTheMainOrTheInitContainers(t *testing.T) {
	c := serving(t, map[string]any{"/api/v1/pods": object{"apiVersion": "v1", "kind": "PodList", "items": []object{
		{"metadata": object{"name": "plain"}, "spec": object{"containers": []object{{"name": "app"}}}},
		{"metadata": object{"name": "beside"}, "spec": object{"containers": []object{{"name": "app"}, {"name": "istio-proxy"}}}},
		{"metadata": object{"name": "native"}, "spec": object{
			"containers": []object{{"name": "app"}}, "initContainers": []object{{"name": "istio-proxy", "restartPolicy": "Always"}},
		}},
	}}})
	all, err := list[corev1.Pod](t.Context(), c, pods, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true} {
		if got := hasSidecar(all[i]); got != want {
			t.Errorf("%s: %t", all[i].Name, got)
		}
	}
}

func TestPodsThatHaveEndedDoNotCount(t *testing.T) {
	pod := func(name, phase, ready string) object {
		return object{
			"metadata": object{"name": name, "namespace": appsNamespace},
			"spec":     object{"containers": []object{{"name": "app"}, {"name": sidecar}}},
			"status":   object{"phase": phase, "conditions": []object{{"type": "Ready", "status": ready}}},
		}
	}
	all := object{"apiVersion": "v1", "kind": "PodList", "items": []object{
		pod("evicted", "Failed", "False"), pod("done", "Succeeded", "False"), pod("running", "Running", "True"),
	}}
	c := serving(t, map[string]any{"/api/v1/pods": all, "/api/v1/namespaces/" + appsNamespace + "/pods": all})
	expected, err := c.proxied(t.Context())
	if err != nil || len(expected) != 1 || expected[0].Name != "running" {
		t.Errorf("istiod is to know the proxies of %v (%v)", expected, err)
	}
	l := &Lab{clusters: map[string]*Cluster{c.Name: c}}
	if saw, err := meshed(member{Cluster: c.Cluster}, "webapp").look(t.Context(), l); err != nil || saw != "running" {
		t.Errorf("it saw %q (%v)", saw, err)
	}
}

func TestPodsToCallFromThatHaveEndedAreSweptAwayAndNoOthers(t *testing.T) {
	const path = "/api/v1/namespaces/istioinaction/pods"
	var deleted []string
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodDelete {
			deleted = append(deleted, strings.TrimPrefix(r.URL.Path, path+"/"))
		}
		pod := func(name, phase string) object {
			return object{"metadata": object{"name": name}, "status": object{"phase": phase}}
		}
		_ = json.NewEncoder(w).Encode(object{"apiVersion": "v1", "kind": "PodList", "items": []object{
			pod("lab-verify-late", "Failed"), pod("lab-verify-done", "Succeeded"), pod("lab-verify-busy", "Running"), pod("webapp", "Failed"),
		}})
	})
	c.sweep(t.Context(), appsNamespace)
	if !slices.Equal(deleted, []string{"lab-verify-late", "lab-verify-done"}) {
		t.Errorf("deleted are %q", deleted)
	}
}

func TestAProxyHasAcknowledgedAllOrSaysWhatNot(t *testing.T) {
	for name, test := range map[string]struct {
		proxy object
		says  string
	}{
		"all": {
			object{"cluster_sent": "1", "cluster_acked": "1", "listener_sent": "2", "listener_acked": "2", "route_sent": ""}, "",
		},
		"one not":  {object{"cluster_sent": "1", "cluster_acked": "1", "listener_sent": "2", "listener_acked": "1"}, "listener: sent 2"},
		"one less": {object{"cluster_sent": "1", "cluster_acked": "1"}, "neither clusters nor listeners"},
	} {
		err := acknowledged(test.proxy)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatCurlPrintsIsRead(t *testing.T) {
	const printed = "HTTP/1.1 200 OK\r\nx-twice: a\r\nx-twice: b\r\n\r\n[\n]\n" + end +
		"HTTP/2 429 \r\nX-Envoy-Ratelimited: true\r\n\r\n" + end
	got, err := answered(printed)
	if err != nil || len(got) != 2 {
		t.Fatalf("it is read as %v (%v)", got, err)
	}
	if first := got[0]; first.status != 200 || first.body != "[\n]\n" || !slices.Equal(first.header["X-Twice"], []string{"a", "b"}) {
		t.Errorf("the first is read as %#v", first)
	}
	if second := got[1]; second.status != 429 || second.body != "" || second.header.Get("x-envoy-ratelimited") != "true" {
		t.Errorf("the second is read as %#v", second)
	}
	for _, other := range []string{"", "no status", "HTTP/1.1 many\r\n\r\n", "HTTP/1.1 200 OK\r\nno header\r\n\r\n"} {
		if got, err := answered(other); err == nil {
			t.Errorf("%q is read as %v", other, got)
		}
	}
}
