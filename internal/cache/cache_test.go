package cache

import (
	"strings"
	"testing"
)

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
