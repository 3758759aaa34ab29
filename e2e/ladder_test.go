//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"istio-lab/internal/checks"
	"istio-lab/internal/settings"
)

// sound fails the test unless lab verify finds all claims about the lab true.
func (s *stack) sound(t testing.TB) {
	t.Helper()
	s.lab(t, "verify")
}

// broken fails the test unless lab verify names the first rung that is broken, a stage and a claim, before long.
func (s *stack) broken(t testing.TB, rung string) {
	t.Helper()
	// The rungs before it count too. Without a way to the catalog, the page of webapp takes its connection's 10 s, asked twice.
	const long = 45 * time.Second
	r, err := s.tryLab(t.Context(), t, "verify")
	switch {
	case err == nil:
		t.Errorf("lab verify does not find broken: %s", rung)
	case !strings.Contains(r.stdout, "broken at "+rung+"\n"):
		t.Errorf("lab verify does not name the rung %q as broken: %v", rung, err)
	case r.took > long:
		t.Errorf("lab verify takes %s to find that it is broken: %s", r.took, rung)
	}
}

// notYet looks at every claim of the stages that the stack has not reached, and fails the test if one is still true after the given
// time: its check would be true of any lab. It returns the objections by stage.
func (s *stack) notYet(t *testing.T, within time.Duration) map[settings.Stage]string {
	t.Helper()
	parsed := s.parsed(t)
	kubeconfigs := map[string]string{}
	for name, cluster := range s.outputs(t).Clusters {
		kubeconfigs[name] = cluster.Kubeconfig
	}
	return untrue(t, parsed, kubeconfigs, within)
}

// untrue looks at every claim that the settings' stage does not make, in a lab that the kubeconfigs reach, until it is not true.
func untrue(
	t *testing.T, parsed settings.Settings, kubeconfigs map[string]string, within time.Duration,
) map[settings.Stage]string {
	t.Helper()
	lab, err := checks.Open(t.Context(), parsed, kubeconfigs)
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	_, later := checks.UpTo(parsed, checks.Ladder(parsed))
	errs := make([]error, len(later))
	var group sync.WaitGroup
	for i, check := range later {
		group.Go(func() {
			deadline := time.Now().Add(within)
			for {
				// Some wait for what does not come, such as a pod's start.
				ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
				var saw string
				saw, errs[i] = check.Look(ctx, lab)
				cancel()
				if errs[i] != nil {
					return
				}
				if time.Now().After(deadline) {
					t.Errorf("at the stage %s it is true already that %s: %s", parsed.Stage, check.Claim, saw)
					return
				}
				time.Sleep(time.Second)
			}
		})
	}
	group.Wait()
	objections := map[settings.Stage]string{}
	for i, check := range later {
		if errs[i] != nil {
			note(t, "not yet: %s: %v", check.Claim, errs[i])
			objections[check.Stage] += errs[i].Error() + "\n"
		}
	}
	return objections
}

// parsed are the settings that the stack has stored.
func (s *stack) parsed(t testing.TB) settings.Settings {
	t.Helper()
	var values map[string]struct{ Value string }
	if err := json.Unmarshal([]byte(s.pulumi(t, "config", "--json").stdout), &values); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{}
	for key, value := range values {
		config[key] = value.Value
	}
	parsed, err := settings.Parse(config)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
