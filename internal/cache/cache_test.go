package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
)

// engine is a Docker engine as far as it is asked here. It has at most one container.
type engine struct {
	*client.Client
	found *container.InspectResponse
	// did is what it was asked to do.
	did []string
}

func newEngine(t *testing.T) *engine {
	e := &engine{}
	mux := http.NewServeMux()
	does := func(pattern, what string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			e.did = append(e.did, what)
			fmt.Fprint(w, "{}")
		})
	}
	mux.HandleFunc("GET /v1.41/containers/istio-lab-cache-quay.io/json", func(w http.ResponseWriter, _ *http.Request) {
		if e.found == nil {
			http.Error(w, `{"message": "no such container"}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(e.found)
	})
	does("POST /v1.41/containers/create", "create")
	does("POST /v1.41/containers/istio-lab-cache-quay.io/start", "start")
	does("DELETE /v1.41/containers/istio-lab-cache-quay.io", "remove")
	does("DELETE /v1.41/volumes/istio-lab-cache-quay.io", "empty")
	mux.HandleFunc("GET /v1.41/images/{name}/json", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message": "no such image"}`, http.StatusNotFound)
	})
	mux.HandleFunc("POST /v1.41/images/create", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"status": "Pulling from library/registry"}`)
		fmt.Fprintln(w, `{"errorDetail": {"message": "toomanyrequests"}, "error": "toomanyrequests"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	docker, err := client.NewClientWithOpts(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	e.Client = docker
	return e
}

// environment is that of a cache of quay.io that listens at an address.
func environment(address netip.AddrPort) []string {
	return []string{
		"PATH=/bin", "REGISTRY_HTTP_ADDR=" + address.String(), "REGISTRY_PROXY_REMOTEURL=https://quay.io", "OTEL_TRACES_EXPORTER=none",
		fmt.Sprintf("REGISTRY_HTTP_DEBUG_ADDR=%s:%d", address.Addr(), address.Port()+10), "REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED=true",
	}
}

func TestACacheIsMadeAnewOnlyIfItIsNotAsItIsToBe(t *testing.T) {
	registry := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(registry.Close)
	address := netip.MustParseAddrPort(registry.Listener.Addr().String())
	for name, test := range map[string]struct{ image, differs, does string }{
		"there is none":          {does: "create start"},
		"it is there":            {"registry:3", "nothing", "start"},
		"it is of another image": {"registry:2", "nothing", "remove create start"},
		"it listens elsewhere":   {"registry:3", "REGISTRY_HTTP_ADDR", "remove create start"},
		"it draws from a mirror": {"registry:3", "REGISTRY_PROXY_REMOTEURL", "remove empty create start"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t)
			if test.image != "" {
				env := environment(address)
				for i := range env {
					env[i] = strings.ReplaceAll(env[i], test.differs+"=", test.differs+"=http://192.0.2.1")
				}
				e.found = &container.InspectResponse{Config: &container.Config{Image: test.image, Env: env}}
			}
			if err := start(t.Context(), e.Client, "registry:3", "quay.io", "https://quay.io", address); err != nil {
				t.Fatal(err)
			}
			if did := strings.Join(e.did, " "); did != test.does {
				t.Errorf("done: %s", did)
			}
		})
	}
}

func TestACacheThatIsThereIsToAnswer(t *testing.T) {
	silent := httptest.NewServer(nil)
	silent.Close()
	e, address := newEngine(t), netip.MustParseAddrPort(silent.Listener.Addr().String())
	e.found = &container.InspectResponse{Config: &container.Config{Image: "registry:3", Env: environment(address)}}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := start(ctx, e.Client, "registry:3", "quay.io", "https://quay.io", address)
	if err == nil || !strings.Contains(err.Error(), "nothing answers at http://"+address.String()) {
		t.Errorf("got %v", err)
	}
}

func TestAPullThatFailsOnTheWaySaysWhy(t *testing.T) {
	_, err := Start(t.Context(), newEngine(t).Client, netip.MustParseAddr("127.0.0.1"), "registry:3", nil)
	if want := "pull the image of the caches, registry:3: toomanyrequests"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAMirrorIsKnownAsACacheByItsPort(t *testing.T) {
	for url, want := range map[string]bool{
		"http://172.17.0.1:5150": true, "http://192.0.2.11:5150": true, "": false, "http://172.17.0.1:5151": false,
		"https://172.17.0.1:5150": false, "http://mirror.example:5150": false, "http://172.17.0.1:5000": false,
	} {
		if got := Serves("docker.io", url); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
	if !Serves("quay.io", "http://172.17.0.1:5152") {
		t.Error("the third registry's is not known")
	}
}

func TestFiguresAreSummedOverTheKindsOfContent(t *testing.T) {
	got, err := read(strings.NewReader(`# HELP registry_proxy_pulled_bytes_total The size of total bytes pulled from the upstream
# TYPE registry_proxy_pulled_bytes_total counter
registry_proxy_pulled_bytes_total{type="blob"} 1.5e+06
registry_proxy_pulled_bytes_total{type="manifest"} 500
registry_proxy_pushed_bytes_total{type="blob"} 4.5e+06
registry_proxy_hits_total{type="blob"} 7
go_goroutines 30
`))
	if want := (Figures{Drawn: 1500500, Given: 4500000}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := read(strings.NewReader(`registry_proxy_pulled_bytes_total{type="blob"} many`)); err == nil {
		t.Error("what is no figure was read")
	}
}

func TestARegistryIsReachedByItsHostButForDockers(t *testing.T) {
	for host, want := range map[string]string{"docker.io": "https://registry-1.docker.io", "quay.io": "https://quay.io"} {
		if got := Upstream(host); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}
