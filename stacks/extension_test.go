package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/mocktest"
)

// extended runs the extension scenario with settings of lab beside the stand-ins.
func extended(t *testing.T, lab string, preview bool) map[string]mocktest.Resource {
	t.Helper()
	resources := map[string]mocktest.Resource{}
	for _, r := range run(t, map[string]string{
		"istio-lab:scenario": "extension", "istio-lab:lab": "{" + standIns + lab + "}",
	}, preview) {
		resources[r.Type+" "+r.Name] = r
	}
	return resources
}

const (
	anEnvoyFilter = "kubernetes:networking.istio.io/v1alpha3:EnvoyFilter myk8s-"
	aDeployment   = "kubernetes:apps/v1:Deployment myk8s-"
)

// Whoever asks a service that is not ready yet gets an error, and a filter asks on behalf of everybody.
func TestAFilterIsAppliedAfterAllThatItNeeds(t *testing.T) {
	for _, preview := range []bool{false, true} {
		resources := extended(t, "", preview)
		byURN := map[string]mocktest.Resource{}
		filters := 0
		for key, r := range resources {
			byURN[r.URN()] = r
			if strings.HasPrefix(key, anEnvoyFilter) {
				filters++
			}
		}
		needs := map[string][]string{
			anEnvoyFilter + "tap-filter":                {"webapp", "istio"},
			anEnvoyFilter + "catalog-ratelimit-filter":  {"catalog", "ratelimit", "ratelimit-redis", "istio"},
			anEnvoyFilter + "catalog-ratelimit-actions": {"catalog", "ratelimit", "ratelimit-redis", "istio"},
			anEnvoyFilter + "httpbin-lua-extension":     {"httpbin", "bucket-tester", "istio"},
			aDeployment + "ratelimit":                   {"ratelimit-redis"},
		}
		if filters != len(needs)-1 {
			t.Errorf("%d filters", filters)
		}
		for key, wants := range needs {
			for _, want := range wants {
				needed := aDeployment + want
				if want == "istio" {
					needed = "kubernetes:batch/v1:Job myk8s-istio"
				}
				if resources[needed].URN() == "" || !waits(byURN, resources[key], resources[needed].URN(), map[string]bool{}) {
					t.Errorf("%s does not wait for %s", key, needed)
				}
			}
		}
	}
}

func TestAChangedLimitChangesTheConfigurationAlone(t *testing.T) {
	before, after := extended(t, "", true), extended(t, `, "rateLimits": {"silver": 7}`, true)
	var changed []string
	for key, r := range after {
		if r.Kubernetes() && !withoutRandom(r.Inputs).DeepEquals(withoutRandom(before[key].Inputs)) {
			changed = append(changed, key)
		}
	}
	limits := "kubernetes:core/v1:ConfigMap myk8s-ratelimit-config"
	if !slices.Equal(changed, []string{limits}) || len(before) != len(after) {
		t.Fatalf("what changes is %v, not %s alone", changed, limits)
	}
	// A name that Pulumi chooses is what makes a change of the content another object, and so another pod.
	if name := metadata(after[limits], "name"); name != "" {
		t.Errorf("it has the name %s whatever its content", name)
	}
}

func TestTheRateLimitServiceReadsTheLimitsThatWereMade(t *testing.T) {
	resources := extended(t, "", false)
	limits := resources["kubernetes:core/v1:ConfigMap myk8s-ratelimit-config"]
	mounted := false
	walk(resources[aDeployment+"ratelimit"].Inputs, func(path, text string, _ bool) {
		mounted = mounted || strings.HasSuffix(path, "volumes[0].configMap.name") && text == limits.Name+"-1a2b3c"
	})
	if !mounted {
		t.Errorf("it does not mount %s: %v", limits.Name, resources[aDeployment+"ratelimit"].Inputs)
	}
}

// The service and its database would wait for sidecars that they do not need.
func TestOnlyTheApplicationsHaveSidecars(t *testing.T) {
	for key, r := range extended(t, "", false) {
		if !strings.HasPrefix(key, aDeployment) || metadata(r, "namespace") != "istioinaction" {
			continue
		}
		without := false
		walk(r.Inputs, func(path, text string, _ bool) {
			without = without || strings.HasSuffix(path, "template.metadata.labels.sidecar.istio.io/inject") && text == "false"
		})
		if want := strings.Contains(key, "ratelimit"); without != want {
			t.Errorf("%s is without a sidecar: %t", key, without)
		}
	}
}
