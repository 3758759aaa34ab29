package checks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAPodToCallFromThatIsGoneOrHasEndedIsMadeAnew(t *testing.T) {
	made, all := 0, map[string]object{}
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		const path = "/api/v1/namespaces/default/pods"
		name := strings.TrimPrefix(r.URL.Path, path+"/")
		var answer any = all[name]
		switch {
		case r.Method == http.MethodPost:
			made++
			name := fmt.Sprintf("%s%d", callers, made)
			all[name] = object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": name, "namespace": "default"}}
			answer = all[name]
		case r.URL.Path == path:
			answer = object{"apiVersion": "v1", "kind": "PodList", "items": []object{}}
		case all[name] == nil:
			w.WriteHeader(http.StatusNotFound)
			answer = object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	})
	var g guests
	for _, step := range []struct {
		what   string
		change func(pod object)
		want   string
	}{
		{"the first", nil, "lab-verify-1"},
		{"the same", nil, "lab-verify-1"},
		{"after an eviction", func(pod object) { pod["status"] = object{"phase": "Failed"} }, "lab-verify-2"},
		{"while its node is drained", func(pod object) { pod["metadata"].(object)["deletionTimestamp"] = "2026-11-24T00:00:00Z" }, "lab-verify-3"},
		{"after it was deleted", func(object) { delete(all, "lab-verify-3") }, "lab-verify-4"},
	} {
		if step.change != nil {
			step.change(all[fmt.Sprintf("%s%d", callers, made)])
		}
		if got, err := g.in(t.Context(), c, "netshoot"); err != nil || got.Name != step.want {
			t.Fatalf("%s: got %+v, %v", step.what, got, err)
		}
	}
}

func TestServicesToCallThatAKilledRunHasLeftAreSweptAwayAndNoOthers(t *testing.T) {
	service := func(name string, age time.Duration) object {
		return object{"metadata": object{
			"name": name, "namespace": "kube-system", "creationTimestamp": time.Now().Add(-age).UTC().Format(time.RFC3339),
		}}
	}
	var deleted []string
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodDelete {
			deleted = append(deleted, r.URL.Path)
		}
		if err := json.NewEncoder(w).Encode(object{"apiVersion": "v1", "kind": "ServiceList", "items": []object{
			service(callers+"old", time.Hour), service(callers+"now", time.Second), service("kube-dns", time.Hour),
		}}); err != nil {
			t.Error(err)
		}
	})
	c.sweepServices(t.Context())
	if want := []string{"/api/v1/namespaces/kube-system/services/lab-verify-old"}; !slices.Equal(deleted, want) {
		t.Errorf("deleted are %v", deleted)
	}
}

func TestAServerThatEndsWithASlashIsAskedAsOneThatDoesNot(t *testing.T) {
	asked := ""
	of := answering(t, func(_ http.ResponseWriter, r *http.Request) { asked = r.URL.Path })
	c, err := Connect(of.Cluster, kubeconfigOf(of.Config.Host+"/"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.fetch(t.Context(), "/api/v1/pods"); err != nil || asked != "/api/v1/pods" || c.Config.Host != of.Config.Host {
		t.Errorf("asked %s of %s: %v", asked, c.Config.Host, err)
	}
}
