package imagepull

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"istio-lab/internal/kubeapi"
)

// cluster is a cluster's API server as far as it is asked here.
type cluster struct {
	*httptest.Server
	pods    []pod
	deleted []string
	// starting is true until the server was asked once, which it refuses.
	starting bool
}

func newCluster(t *testing.T, pods ...pod) *cluster {
	c := &cluster{pods: pods}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/pods", func(w http.ResponseWriter, r *http.Request) {
		if selector := r.URL.Query().Get("fieldSelector"); selector != "status.phase=Pending" {
			t.Errorf("asked for pods with %q", selector)
		}
		if c.starting {
			c.starting = false
			http.Error(w, "etcd is not ready", http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": "PodList", "items": c.pods})
	})
	mux.HandleFunc("DELETE /api/v1/namespaces/{namespace}/pods/{name}", func(w http.ResponseWriter, r *http.Request) {
		c.deleted = append(c.deleted, r.PathValue("namespace")+"/"+r.PathValue("name"))
		fmt.Fprint(w, "{}")
	})
	c.Server = httptest.NewUnstartedServer(mux)
	c.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

// kubeconfig is the cluster's kubeconfig, as kind writes it. The server's certificate serves as the client's too.
func (c *cluster) kubeconfig(t *testing.T) string {
	key, err := x509.MarshalPKCS8PrivateKey(c.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	certificate := block("CERTIFICATE", c.Certificate().Raw)
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: kind-west
contexts: [{name: kind-west, context: {cluster: kind-west, user: kind-west}}]
clusters: [{name: kind-west, cluster: {server: %q, certificate-authority-data: %s}}]
users: [{name: kind-west, user: {client-certificate-data: %[2]s, client-key-data: %s}}]
`, c.URL, certificate, block("PRIVATE KEY", key))
}

func TestAWatchMakesStuckPodsAnewAndReportsUntilItIsEnded(t *testing.T) {
	c := newCluster(t, waiting("istio-system", "istiod-1", missing, imagePullBackOff),
		waiting("istio-system", "gateway", missing, invalidImageName))
	ctx, cancel := context.WithCancel(t.Context())
	w := watcher()
	var reported []string
	w.Report = func(err error) {
		reported = append(reported, err.Error())
		cancel()
	}
	if err := w.Watch(ctx, "west", c.kubeconfig(t)); err != nil {
		t.Fatal(err)
	}
	if len(reported) != 1 || !strings.Contains(reported[0], missing) || !strings.Contains(reported[0], "in west") {
		t.Errorf("reported: %q", reported)
	}
	if strings.Join(c.deleted, " ") != "istio-system/istiod-1 istio-system/gateway" {
		t.Errorf("made anew: %v", c.deleted)
	}
}

func TestAWatchGoesOnWhenTheAPIServerDoesNotAnswer(t *testing.T) {
	c := newCluster(t, waiting("istio-system", "istiod-1", missing, invalidImageName))
	c.starting = true
	ctx, cancel := context.WithCancel(t.Context())
	w := watcher()
	w.Report = func(error) { cancel() }
	if err := w.Watch(ctx, "west", c.kubeconfig(t)); err != nil {
		t.Error(err)
	}
}

func TestAnotherServerThanTheKubeconfigsIsNotTrusted(t *testing.T) {
	c := newCluster(t, waiting("istio-system", "istiod-1", missing, imagePullBackOff))
	kubeconfig := c.kubeconfig(t)
	ca := strings.Index(kubeconfig, "certificate-authority-data: ") + len("certificate-authority-data: ")
	api, err := kubeapi.Connect(kubeconfig[:ca]+"}}]"+kubeconfig[strings.Index(kubeconfig, "\nusers:"):], answerWithin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pendingPods(t.Context(), api); err == nil {
		t.Error("any server is trusted")
	}
}

func TestAKubeconfigThatCannotBeReadIsRefused(t *testing.T) {
	for _, kubeconfig := range []string{"", ":", "clusters: [{}]\nusers: [{}]"} {
		if err := watcher().Watch(t.Context(), "west", kubeconfig); err == nil {
			t.Errorf("%q is taken", kubeconfig)
		}
	}
}
