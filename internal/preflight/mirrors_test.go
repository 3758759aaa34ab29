package preflight

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAnyAnswerOfAMirrorWillDo(t *testing.T) {
	asked := make(chan string, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Redirect(w, r, "https://login.invalid/", http.StatusFound)
	})
	plain, encrypted := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	t.Cleanup(plain.Close)
	t.Cleanup(encrypted.Close)
	for mirror, path := range map[string]string{
		plain.URL: "/v2/", plain.URL + "/": "/v2/", plain.URL + "/hub": "/hub/v2/", encrypted.URL: "/v2/",
	} {
		if err := answers(t.Context(), mirror); err != nil {
			t.Errorf("%s: %v", mirror, err)
		} else if got := <-asked; got != path {
			t.Errorf("%s was asked for %s, and not %s", mirror, got, path)
		}
	}
}

func TestAMirrorIsSilentWhenNothingListensOrNothingIsSaid(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := "http://" + l.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := answers(ctx, at); err == nil {
		t.Error("it said nothing")
	}
	l.Close()
	if err := answers(t.Context(), at); err == nil {
		t.Error("nothing listens")
	}
}

func TestMirrorsAreAskedOnlyWhereTheContainersShareTheNetwork(t *testing.T) {
	for name, put := range map[string]func(*fakeEngine, *host){
		"another host's engine":   func(_ *fakeEngine, h *host) { h.local = false },
		"macOS or Windows":        func(_ *fakeEngine, h *host) { h.linux = false },
		"Docker Desktop on Linux": func(e *fakeEngine, _ *host) { e.info.OperatingSystem = "Docker Desktop" },
	} {
		t.Run(name, func(t *testing.T) {
			docker, here := roomy()
			put(docker, here)
			here.answers = silent("http://192.0.2.1:5000")
			if err := check(t.Context(), want(), docker, *here); err != nil {
				t.Error(err)
			}
		})
	}
}
