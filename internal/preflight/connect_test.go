package preflight

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serve answers like a Docker engine of an API version, and has DOCKER_HOST name it.
func serve(t *testing.T, version string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", version)
	}))
	t.Cleanup(server.Close)
	t.Setenv("DOCKER_HOST", "tcp://"+strings.TrimPrefix(server.URL, "http://"))
	t.Setenv("DOCKER_TLS_VERIFY", "")
	t.Setenv("DOCKER_CERT_PATH", "")
	t.Setenv("DOCKER_API_VERSION", "")
}

func TestAnEngineOverSSHThatDoesNotAnswerIsNamedAsThePersonDoes(t *testing.T) {
	folder := t.TempDir()
	// As ssh does, it is there when the request is written, and gone when the answer is read.
	ssh := "#!/bin/sh\nread -r request\necho ann may not come in >&2\nexit 255\n"
	if err := os.WriteFile(filepath.Join(folder, "ssh"), []byte(ssh), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	t.Setenv("DOCKER_HOST", "")
	_, err := Connect(t.Context(), "ssh://ann@big1")
	if err == nil {
		t.Fatal("it answers")
	}
	for _, want := range []string{"no Docker engine answers at ssh://ann@big1,", "`docker --host=ssh://ann@big1 version`", "ann may not come in"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
}
