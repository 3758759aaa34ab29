package checks

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// What istiod says of it is looked at after the token, and cannot be asked here.
func TestARemoteSecretIsTriedAtTheOtherClustersAPIServer(t *testing.T) {
	const reader = "a reader's"
	s := parsed(t, nil)
	west, east := members(s)[0], members(s)[1]
	eastAPI := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		status := func(code int, reason string) object {
			w.WriteHeader(code)
			return object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason, "reason": reason, "code": code}
		}
		answer := object{"kind": "ServiceList", "apiVersion": "v1", "items": []object{}}
		switch r.Header.Get("Authorization") {
		case "Bearer " + reader, "Bearer " + person:
		case "Bearer nobody's":
			answer = status(http.StatusForbidden, "Forbidden")
		default:
			answer = status(http.StatusUnauthorized, "Unauthorized")
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}
	const server = "https://east-control-plane:6443"
	for name, test := range map[string]struct {
		server, token, says string
		lasting             bool
	}{
		"a token that reads": {server, reader, "no pod of istio-system, app=istiod runs in west", true},
		"a token that is revoked": {
			server, "stale", "secret istio-system/istio-remote-secret-east-cluster: ask east for services: Unauthorized", false,
		},
		"a token that may not": {server, "nobody's", "ask east for services: Forbidden", false},
		"no token":             {server, "", "ask east for services: Unauthorized", false},
		"of another server":    {"https://elsewhere:6443", reader, "has no kubeconfig east-cluster for https://east-control-plane:6443", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := &Lab{settings: s, clusters: map[string]*Cluster{
				west.Name: serving(t, map[string]any{
					"/api/v1/namespaces/istio-system/secrets/istio-remote-secret-east-cluster": object{
						"apiVersion": "v1", "kind": "Secret",
						"data": map[string][]byte{"east-cluster": []byte(kubeconfigWith(test.server, test.token))},
					},
					"/api/v1/namespaces/istio-system/pods": object{"apiVersion": "v1", "kind": "PodList", "items": []object{}},
				}),
				east.Name: answering(t, eastAPI),
			}}
			l.clusters[east.Name].Cluster = east.Cluster
			_, err := reads(west, east).look(t.Context(), l)
			if err == nil || !strings.Contains(err.Error(), test.says) || lasts(err) != test.lasting {
				t.Errorf("the objection is (lasting: %t): %v", lasts(err), err)
			}
		})
	}
}
