package artifact

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAFetchFromARegistryThatStopsAnsweringEndsAndSaysSo(t *testing.T) {
	halfway, once := make(chan struct{}), sync.Once{}
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.Write(make([]byte, 1000))
		w.(http.Flusher).Flush()
		once.Do(func() { close(halfway) })
		<-r.Context().Done()
	}))
	defer registry.Close()
	get := exec.CommandContext(t.Context(), "go", "mod", "download", "example.com/slow@v1.0.0")
	get.Dir = t.TempDir()
	get.Env = append(get.Environ(), "GOPROXY="+registry.URL, "GONOSUMDB=*", "GOFLAGS=-modcacherw", "GOMODCACHE="+t.TempDir())
	err := fetch(get, 3*time.Second)
	if err == nil || !strings.Contains(err.Error(), "slow@v1.0.0: nothing came for 3s: does its registry answer?") {
		t.Errorf("got %v", err)
	}
	select {
	case <-halfway:
	default:
		t.Error("the registry was not asked")
	}
}

func TestASlowFetchIsWaitedFor(t *testing.T) {
	slow := exec.CommandContext(t.Context(), "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do head -c 40000 /dev/zero >/dev/null; sleep 0.1; done; echo done >&2; exit 3")
	err := fetch(slow, 400*time.Millisecond)
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3\ndone") {
		t.Errorf("got %v", err)
	}
}
