package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// call asks the application, behind which a catalog answers, for a path. It returns the call that the catalog got too.
func call(t *testing.T, path string, headers http.Header, catalog http.HandlerFunc) (*httptest.ResponseRecorder, *http.Request) {
	t.Helper()
	var seen *http.Request
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		catalog(w, r)
	}))
	defer upstream.Close()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header = headers
	recorder := httptest.NewRecorder()
	handler(service{"Catalog", upstream.URL}, service{"Forum", "http://127.0.0.1:1"}).ServeHTTP(recorder, request)
	return recorder, seen
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(body)) }
}

func TestTheCatalogIsRelayedWithoutSpaces(t *testing.T) {
	for path, want := range map[string]string{"/api/catalog": "/items", "/api/catalog/items/3": "/items/3"} {
		response, seen := call(t, path, nil, text("[\n  {\n    \"id\": 1\n  }\n]"))
		if response.Code != http.StatusOK || response.Body.String() != `[{"id":1}]` {
			t.Errorf("%s: got %d %s", path, response.Code, response.Body)
		}
		if seen.URL.Path != want {
			t.Errorf("%s: the catalog was asked for %s", path, seen.URL.Path)
		}
	}
}

func TestHeadersOfTracesAndOfApplicationsTravelOn(t *testing.T) {
	headers := http.Header{}
	travelling := []string{"X-Request-Id", "X-B3-Traceid", "X-B3-Sampled", "X-Loyalty", "B3", "Traceparent", "Tracestate", "Authorization"}
	for _, name := range append(travelling, "Accept-Language", "Cookie") {
		headers.Set(name, "value of "+name)
	}
	_, seen := call(t, "/api/catalog", headers, text("[]"))
	for _, name := range travelling {
		if got := seen.Header.Get(name); got != "value of "+name {
			t.Errorf("%s arrives as %q", name, got)
		}
	}
	for _, name := range []string{"Accept-Language", "Cookie"} {
		if got := seen.Header.Get(name); got != "" {
			t.Errorf("%s arrives as %q", name, got)
		}
	}
}

func TestAFailingServiceIsNamedInAnErrorOfTheApplicationsOwn(t *testing.T) {
	for name, catalog := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"a refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			w.Write([]byte("RBAC: access denied"))
		},
		"an error in JSON": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			w.Write([]byte("[]"))
		},
		"no JSON":   text("<html>"),
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		response, _ := call(t, "/api/catalog", nil, catalog)
		if response.Code != http.StatusInternalServerError || response.Body.String() != "error calling Catalog service" {
			t.Errorf("%s: got %d %q", name, response.Code, response.Body)
		}
	}
	response, seen := call(t, "/api/users", nil, text("[]"))
	if response.Code != http.StatusInternalServerError || response.Body.String() != "error calling Forum service" || seen != nil {
		t.Errorf("got %d %q", response.Code, response.Body)
	}
}

func TestThePageShowsTheCatalogOrThatThereIsNone(t *testing.T) {
	for body, want := range map[string]string{
		`[{"name":"A & B","color":"red","price":"2.00"}]`: "<td>A &amp; B</td><td>red</td><td>2.00</td>",
		"upstream connect error":                          "The catalog service is currently not available.",
	} {
		response, _ := call(t, "/", nil, text(body))
		if response.Code != http.StatusOK || !strings.Contains(response.Body.String(), want) {
			t.Errorf("%s: got %d %s", body, response.Code, response.Body)
		}
	}
}

func TestThePageDoesNotTakeTheRequestsOfOtherPaths(t *testing.T) {
	if response, _ := call(t, "/api", nil, text("[]")); response.Code != http.StatusNotFound {
		t.Errorf("got %d", response.Code)
	}
}
