package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// book is the environment of the book's simple-backend.
var book = map[string]string{
	"NAME": "simple-backend-west", "MESSAGE": "Hello from WEST", "SERVER_TYPE": "http",
	"TIMING_50_PERCENTILE": "30ms", "TIMING_VARIANCE": "40ms",
}

// with is the service of the book's environment with changes.
func with(t *testing.T, changes map[string]string) *service {
	t.Helper()
	s, err := configured(environment(changes))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func environment(changes map[string]string) func(string) string {
	env := maps.Clone(book)
	maps.Copy(env, changes)
	return func(name string) string { return env[name] }
}

func get(t *testing.T, s *service, path string) (int, answer) {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	var a answer
	if err := json.Unmarshal(recorder.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v", recorder.Body, err)
	}
	return recorder.Code, a
}

func TestItSaysWhoItIsAfterTheTimeSet(t *testing.T) {
	status, a := get(t, with(t, nil), "/x?y=z")
	if status != http.StatusOK || a.Code != http.StatusOK || a.Error != "" {
		t.Errorf("got %d, %+v", status, a)
	}
	if a.Name != "simple-backend-west" || a.URI != "/x?y=z" || a.Type != "HTTP" || string(a.Body) != `"Hello from WEST"` {
		t.Errorf("got %+v", a)
	}
	if took, err := time.ParseDuration(a.Duration); err != nil || took < 30*time.Millisecond {
		t.Errorf("it took %s, %v", a.Duration, err)
	}
	if _, err := time.Parse(timeFormat, a.StartTime); err != nil {
		t.Error(err)
	}
}

func TestAnErrorRateOfOneFailsEveryRequest(t *testing.T) {
	s := with(t, map[string]string{"ERROR_RATE": "1"})
	for range 5 {
		if status, a := get(t, s, "/"); status != http.StatusInternalServerError || a.Code != status || a.Error == "" || a.Body != nil {
			t.Errorf("got %d, %+v", status, a)
		}
	}
}

func TestAnErrorRateOfAQuarterFailsOneInFourWithTheCodeSet(t *testing.T) {
	s := with(t, map[string]string{"ERROR_RATE": "0.25", "ERROR_CODE": "503", "TIMING_50_PERCENTILE": ""})
	var failed int
	for range 20 {
		if status, _ := get(t, s, "/"); status == http.StatusServiceUnavailable {
			failed++
		}
	}
	if failed != 5 {
		t.Errorf("%d of 20 failed", failed)
	}
}

func TestItsHealthDoesNotDependOnTheErrorRate(t *testing.T) {
	recorder := httptest.NewRecorder()
	with(t, map[string]string{"ERROR_RATE": "1"}).handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/health", nil))
	if recorder.Code != http.StatusOK {
		t.Errorf("got %d", recorder.Code)
	}
}

func TestAVarianceIsAPercentage(t *testing.T) {
	s := with(t, map[string]string{"TIMING_50_PERCENTILE": "100ms", "TIMING_VARIANCE": "50"})
	seen := map[time.Duration]bool{}
	for range 100 {
		d := s.duration()
		if d < 100*time.Millisecond || d >= 150*time.Millisecond {
			t.Errorf("got %s", d)
		}
		seen[d] = true
	}
	if len(seen) < 2 {
		t.Error("it does not vary")
	}
}

func TestAMessageThatIsAnObjectIsOneInTheAnswer(t *testing.T) {
	_, a := get(t, with(t, map[string]string{"MESSAGE": `{"a":1}`}), "/")
	var body map[string]int
	if err := json.Unmarshal(a.Body, &body); err != nil || body["a"] != 1 {
		t.Errorf("got %s, %v", a.Body, err)
	}
}

func TestEveryWrongVariableIsNamed(t *testing.T) {
	wrong := map[string]string{"ERROR_RATE": "2", "ERROR_CODE": "200", "TIMING_50_PERCENTILE": "150", "SERVER_TYPE": "grpc"}
	_, err := configured(environment(wrong))
	for name := range wrong {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
