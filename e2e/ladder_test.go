//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
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

// isBroken fails the test unless lab verify names the first rung that is broken, a stage and a claim, and does not spend a sound lab's
// minute on waiting for it.
func (s *stack) isBroken(t testing.TB, rung string) {
	t.Helper()
	const long = 45.0
	r, err := s.tryLab(t.Context(), t, "verify")
	switch failed := failedRung.FindStringSubmatch(r.stdout); {
	case err == nil:
		t.Errorf("lab verify does not find broken: %s", rung)
	case !strings.Contains(r.stdout, "broken at "+rung+"\n") || failed == nil:
		t.Errorf("lab verify does not name the rung %q as broken: %v", rung, err)
	default:
		if seconds, err := strconv.ParseFloat(failed[1], 64); err != nil || seconds > long {
			t.Errorf("lab verify takes %s s to find that it is broken: %s", failed[1], rung)
		}
	}
}

// failedRung finds how long lab verify has looked at a claim that is not true.
var failedRung = regexp.MustCompile(`(?m)^  FAILED +([\d.]+) s  `)

// notYet looks at every claim of the stages that the stack has not reached, and fails the test if one is still true after the given
// time: its check would be true of any lab. It returns the objections by stage.
func (s *stack) notYet(t *testing.T, within time.Duration) map[settings.Stage]string {
	t.Helper()
	return s.view(t).notYet(t, within)
}

// view is a stack as the ladder looks at it.
type view struct {
	settings.Settings
	kubeconfigs map[string]string
}

// view reads the stack's settings and kubeconfigs.
func (s *stack) view(t *testing.T) view {
	t.Helper()
	v := view{s.parsed(t), map[string]string{}}
	for name, cluster := range s.outputs(t).Clusters {
		v.kubeconfigs[name] = cluster.Kubeconfig
	}
	return v
}

// reached fails the test unless the claims of the stack's own stage are true, in the time that a sound lab has for that.
func (v view) reached(t *testing.T) {
	t.Helper()
	lab, err := checks.Open(t.Context(), v.Settings, v.kubeconfigs)
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	looked := 0
	for _, check := range checks.Ladder(v.Settings) {
		if check.Stage != v.Stage {
			continue
		}
		looked++
		if _, err := check.Await(t.Context(), lab); err != nil {
			t.Errorf("at the stage %s it is not true that %s: %v", v.Stage, check.Claim, err)
		}
	}
	if looked == 0 {
		t.Errorf("there is no claim of the stage %s", v.Stage)
	}
}

// notYet looks at the claims of stages that the stack has not reached, until they are not true; without a name, of all of them.
func (v view) notYet(t *testing.T, within time.Duration, stages ...settings.Stage) map[settings.Stage]string {
	t.Helper()
	lab, err := checks.Open(t.Context(), v.Settings, v.kubeconfigs)
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	_, later := checks.UpTo(v.Settings, checks.Ladder(v.Settings))
	if len(stages) > 0 {
		later = slices.DeleteFunc(later, func(c checks.Check) bool { return !slices.Contains(stages, c.Stage) })
	}
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
					t.Errorf("at the stage %s it is true already that %s: %s", v.Stage, check.Claim, saw)
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
