package checks

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/settings"
)

func parsed(t *testing.T, config map[string]string) settings.Settings {
	t.Helper()
	full := map[string]string{}
	for key, value := range config {
		full[settings.Project+":"+key] = value
	}
	s, err := settings.Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALadderHasRungsForEveryStageInTheManualsOrder(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		s := parsed(t, map[string]string{settings.KeyScenario: string(scenario)})
		var stages []settings.Stage
		claims := map[string]bool{}
		for _, check := range Ladder(s) {
			stages = append(stages, check.Stage)
			if check.look == nil || check.Claim == "" || claims[check.Claim] {
				t.Errorf("%s: the claim %q is empty, made twice, or not looked at", scenario, check.Claim)
			}
			claims[check.Claim] = true
		}
		stages = slices.Compact(stages)
		if want := settings.Stages(scenario); !slices.Equal(stages, want) {
			t.Errorf("%s: the ladder has the stages %v, not %v", scenario, stages, want)
		}
	}
}

// What the lab has not made is not looked for, and nothing else is left out.
func TestOnClustersOfAPersonTheLadderLooksAtTheMeshAsEverywhere(t *testing.T) {
	for scenario, clusters := range map[settings.Scenario]string{
		settings.Multicluster: `{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}}`,
		settings.Extension:    `{"clusters": {"myk8s": {"context": "a"}}}`,
	} {
		own := parsed(t, map[string]string{settings.KeyScenario: string(scenario)})
		theirs := parsed(t, map[string]string{settings.KeyScenario: string(scenario), settings.KeyLab: clusters})
		count := func(s settings.Settings) map[settings.Stage]int {
			counts := map[settings.Stage]int{}
			for _, check := range Ladder(s) {
				if strings.Contains(check.Claim, " this host ") && !strings.Contains(check.Claim, "prometheus") &&
					!strings.Contains(check.Claim, "grafana") && !strings.Contains(check.Claim, "kiali") && !strings.Contains(check.Claim, "jaeger") {
					continue // by a published port
				}
				counts[check.Stage]++
				for _, own := range []string{"mypc", "MetalLB", "the pool", "control-plane", "10.118."} {
					if s.OnExisting() && strings.Contains(check.Claim, own) {
						t.Errorf("%s: what is claimed is of a lab's own clusters: %s", scenario, check.Claim)
					}
				}
			}
			return counts
		}
		of, with := count(theirs), count(own)
		for _, stage := range settings.Stages(scenario) {
			if own := slices.Contains([]settings.Stage{settings.Clusters, settings.LoadBalancer, settings.Cluster}, stage); !own && of[stage] != with[stage] {
				t.Errorf("%s, %s: %d claims instead of %d", scenario, stage, of[stage], with[stage])
			}
		}
	}
}

func TestTheFirstClaimThatNeedsAPodToCallFromWaitsForItsImage(t *testing.T) {
	for scenario, clusters := range map[settings.Scenario]string{
		settings.Multicluster: `{"clusters": {"west": {"context": "a"}, "east": {"context": "b"}}}`,
		settings.Extension:    `{"clusters": {"myk8s": {"context": "a"}}}`,
	} {
		all := Ladder(parsed(t, map[string]string{settings.KeyScenario: string(scenario), settings.KeyLab: clusters}))
		first := slices.IndexFunc(all, func(c Check) bool { return strings.Contains(c.Claim, "a pod of ") })
		if c := all[first]; c.limit != pullLimit || c.patience != pullPatience {
			t.Errorf("%s: %q has %s a look, and %s in all", scenario, c.Claim, c.limit, c.patience)
		}
	}
}

func TestALadderEndsAtTheSettingsStage(t *testing.T) {
	s := parsed(t, map[string]string{settings.KeyStage: string(settings.Trust)})
	now, later := UpTo(s, Ladder(s))
	if got := now[len(now)-1].Stage; got != settings.Trust {
		t.Errorf("the last rung is of %s", got)
	}
	if got := later[0].Stage; got != settings.Mesh {
		t.Errorf("the first rung that is not reached is of %s", got)
	}
	whole := parsed(t, nil)
	if _, later := UpTo(whole, Ladder(whole)); len(later) > 0 {
		t.Errorf("the whole lab leaves %d rungs out", len(later))
	}
}

// claims joins the claims of a ladder.
func claims(s settings.Settings) string {
	var all []string
	for _, check := range Ladder(s) {
		all = append(all, check.Claim)
	}
	return strings.Join(all, "\n")
}

func TestTheClaimsFollowTheSettings(t *testing.T) {
	const east, west = "are answered by east", "are answered there"
	for name, test := range map[string]struct{ lab, has, hasNot string }{
		"west's backend works": {`{}`, west, east},
		"west's backend fails": {`{"westBackendFails": true}`, east, west},
		"Prometheus is on":     {`{}`, "prometheus of east answers this host at port 31001", "metrics-server"},
		"Prometheus is off":    {`{"addons": {"prometheus": false}}`, "grafana of east answers", "prometheus"},
	} {
		t.Run(name, func(t *testing.T) {
			all := claims(parsed(t, map[string]string{settings.KeyLab: test.lab}))
			if !strings.Contains(all, test.has) || strings.Contains(all, test.hasNot) {
				t.Errorf("the claims are to have %q and not %q:\n%s", test.has, test.hasNot, all)
			}
		})
	}
}

func TestAwaitGivesTheLastCompleteObjection(t *testing.T) {
	looks := 0
	check := Check{patience: 500 * time.Millisecond, look: func(ctx context.Context, _ *Lab) (string, error) {
		if looks++; looks == 1 {
			return "", errors.New("the door is shut")
		}
		<-ctx.Done() // cut off before it has an answer
		return "", ctx.Err()
	}}
	if _, err := check.Await(t.Context(), nil); err == nil || err.Error() != "the door is shut" {
		t.Errorf("the objection is %v", err)
	}
}

func TestAwaitWaitsUntilTheClaimIsTrue(t *testing.T) {
	looks := 0
	check := Check{look: func(context.Context, *Lab) (string, error) {
		if looks++; looks < 3 {
			return "", errors.New("not yet")
		}
		return "an open door", nil
	}}
	if saw, err := check.Await(t.Context(), nil); err != nil || saw != "an open door" {
		t.Errorf("it saw %q (%v)", saw, err)
	}
}

func TestAwaitDoesNotWaitForWhatIsNotThere(t *testing.T) {
	looks := 0
	check := Check{look: func(context.Context, *Lab) (string, error) {
		looks++
		return "", errors.Join(errors.New("no door"), lasting{errors.New("no house")})
	}}
	if _, err := check.Await(t.Context(), nil); !lasts(err) || looks != 1 {
		t.Errorf("it looked %d times: %v", looks, err)
	}
}
