package preflight

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestDownloadsThatDoNotAnswerAreAdviceByTheirHosts(t *testing.T) {
	urls := []string{"https://quay.io/v2/", "https://registry-1.docker.io/v2/", "https://registry.k8s.io/v2/"}
	for name, test := range map[string]struct {
		silent, found, says string
	}{
		"all answer":   {"none", "quay.io, registry-1.docker.io, registry.k8s.io answer", ""},
		"some do not":  {"registry", "1 of 3 answer", "no answer from registry-1.docker.io, registry.k8s.io (no such host); see to the network"},
		"none answers": {"io", "0 of 3 answer", "no answer from quay.io, registry-1.docker.io, registry.k8s.io (no such host)"},
	} {
		t.Run(name, func(t *testing.T) {
			f := downloads(t.Context(), urls, func(_ context.Context, url string) error {
				if strings.Contains(url, test.silent) {
					return errors.New("no such host")
				}
				return nil
			})
			problem := errors.Join(f.Problems...)
			if f.Found != test.found || (problem == nil) != (test.says == "") || problem != nil && !strings.HasPrefix(problem.Error(), test.says) {
				t.Errorf("found %q: %v", f.Found, problem)
			}
			if Stops([]Finding{f}) != nil {
				t.Error("it stops the lab, which may have all it needs")
			}
		})
	}
	if f := downloads(t.Context(), nil, nil); f.Problems != nil {
		t.Error("nothing is to be downloaded, and that is a problem")
	}
}
