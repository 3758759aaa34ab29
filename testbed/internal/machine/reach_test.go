package machine

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhatIsThereIsReached(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   string
	}{
		"a file":                       {status: http.StatusOK},
		"a registry that asks who":     {status: http.StatusUnauthorized, header: http.Header{"Www-Authenticate": {"Bearer"}}},
		"a file that is not there":     {status: http.StatusNotFound, want: "answers 404 Not Found"},
		"a wall that asks for a login": {status: http.StatusUnauthorized, want: "answers 401 Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for key, values := range c.header {
					w.Header()[key] = values
				}
				w.WriteHeader(c.status)
			}))
			defer server.Close()
			err := Reach(t.Context(), server.URL+"/v2/")
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWhoDoesNotAnswerIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	if err := Reach(t.Context(), server.URL); err == nil || !strings.Contains(err.Error(), host+" does not answer: ") {
		t.Errorf("got %v", err)
	}
}
