package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

func get(path string, headers http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Host, request.Header = "httpbin.istioinaction:8000", headers
	recorder := httptest.NewRecorder()
	handler().ServeHTTP(recorder, request)
	return recorder
}

func TestEachHeaderOfARequestIsOneString(t *testing.T) {
	response := get("/headers", http.Header{"X-Test-Cohort": {"dark-launch-7"}, "X-Twice": {"<a>", "b"}})
	var got struct{ Headers map[string]string }
	if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s: %v", response.Body, err)
	}
	for name, want := range map[string]string{"X-Test-Cohort": "dark-launch-7", "X-Twice": "<a>,b", "Host": "httpbin.istioinaction:8000"} {
		if got.Headers[name] != want {
			t.Errorf("%s is %q", name, got.Headers[name])
		}
	}
}

func TestTheStatusIsTheOneOfThePath(t *testing.T) {
	for path, want := range map[string]int{
		"/": 200, "/status/200": 200, "/status/418": 418, "/status/503": 503, "/status/x": 400, "/status/999": 400, "/else": 404,
	} {
		if response := get(path, nil); response.Code != want {
			t.Errorf("%s: got %d", path, response.Code)
		}
	}
}
