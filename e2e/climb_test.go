//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"istio-lab/internal/checks"
	"istio-lab/internal/settings"
)

// page is a step of the manual after the first: the components that it adds, by their names for student 0, and what a claim of the
// stage meets right before it.
type page struct {
	adds    []string
	without string
}

// chapter12 has the steps of the multi-cluster lab.
var chapter12 = map[settings.Stage]page{
	settings.LoadBalancer: {[]string{"west-metallb", "east-metallb"}, "has no IP address"},
	settings.Trust: {[]string{
		"root-ca", "west-system", "west-intermediate", "west-cacerts", "east-system", "east-intermediate", "east-cacerts",
	}, "west has no secrets istio-system/cacerts"},
	settings.Mesh: {
		[]string{"west-istio", "west-prometheus", "east-istio", "east-prometheus"}, "west has no deployments istio-system/istiod",
	},
	settings.Apps: {[]string{
		"west-istioinaction", "west-webapp", "west-coolstore-gateway", "west-catalog", "east-istioinaction", "east-catalog",
	}, "west has no pod with app=webapp"},
	settings.Discovery: {
		[]string{"west-reads-east", "east-reads-west"}, "west has no secrets istio-system/istio-remote-secret-east-cluster",
	},
	// What webapp answers while there is no way to the catalog, as the manual shows it.
	settings.Gateways: {[]string{"west-eastwest", "east-eastwest"}, `500 "error calling Catalog service"`},
	settings.Locality: {[]string{
		"west-simple-backend", "west-simple-backend-gateway", "west-locality", "east-simple-backend",
	}, "404"},
	// Before there is a policy, anybody in the mesh is answered.
	settings.Policy: {[]string{"east-allow-only-ingress"}, "Hello from EAST"},
}

// climb builds a lab as a person does who reads: by next alone, typing what each lesson says to try. At each stage its claims and all
// before it are true, no later one is, and the preview of the next names what that adds and nothing else.
func (s *stack) climb(t *testing.T, scenario settings.Scenario, pages map[settings.Stage]page) {
	p := pupil{s, t.TempDir()}
	for i, stage := range settings.Stages(scenario) {
		arguments := []string{"--yes", "--lang=en"}
		if i == 0 {
			first := s.settings(t, "--scenario="+string(scenario))
			s.lab(t, "preview", first...)
			if said := s.lab(t, "list", "--json").stdout; strings.Contains(said, s.name) {
				t.Errorf("a preview leaves its stack behind:\n%s", said)
			}
			arguments = append(arguments, first...)
		} else {
			s.meets(t, stage, pages[stage])
			s.adds(t, stage, pages[stage])
		}
		p.follow(t, scenario, stage, s.lab(t, "next", arguments...).stdout)
		s.sound(t)
		if t.Failed() {
			return
		}
	}
}

// adds fails the test unless the preview of a stage names what its page adds, and nothing else.
func (s *stack) adds(t *testing.T, stage settings.Stage, p page) {
	var want []string
	for _, name := range p.adds {
		want = append(want, s.named(name))
	}
	preview := s.lab(t, "preview", "--stage="+string(stage)).stdout
	if got := components(preview); !sameSet(got, want) || strings.Contains(preview, " to update") ||
		strings.Contains(preview, " to delete") || strings.Contains(preview, " to replace") {
		t.Errorf("the preview of the stage %s is not to create %q, but is:\n%s", stage, want, preview)
	}
}

// meets fails the test unless a claim of the stage meets what its page says, once the mesh has settled: until then a proxy may, for
// example, not know its own region yet.
func (s *stack) meets(t *testing.T, stage settings.Stage, p page) {
	want := s.named(p.without)
	err := checks.Poll(t.Context(), time.Minute, func(context.Context) error {
		if objections := s.notYet(t, 0)[stage]; !strings.Contains(objections, want) {
			return fmt.Errorf("before the stage %s the objections do not say %q, but:\n%s", stage, want, objections)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// named puts the stack's own names of the clusters into a text that has student 0's.
func (s *stack) named(text string) string {
	return clusterNames.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "west":
			return s.slot.West.Name
		case "east":
			return s.slot.East.Name
		case "myk8s":
			return s.slot.MyK8s.Name
		}
		return name
	})
}

// clusterNames finds the names of the clusters, and what holds them and is not one.
var clusterNames = regexp.MustCompile("(east|west)-cluster|east-?west|east|west|myk8s")

// components are the headings of a preview.
func components(preview string) []string {
	lines := strings.Split(strings.TrimSpace(preview), "\n")
	return slices.DeleteFunc(lines[:len(lines)-1], func(line string) bool { return strings.HasPrefix(line, " ") })
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// failsOver has west's backend fail, and takes that back.
func failsOver(t *testing.T, l *multicluster) {
	const fails = "westBackendFails="
	l.plans(t, []string{"~  Deployment istioinaction/simple-backend-west"}, "--set", fails+"true")
	l.up(t, "--set", fails+"true")
	l.sound(t) // which has east answer
	l.up(t, "--set", fails+"false")
	l.sound(t) // which has west answer
}

// plans fails the test unless the preview with the flags has just these lines between its heading and its sum, each with given words.
func (s *stack) plans(t *testing.T, lines []string, flags ...string) {
	t.Helper()
	preview := strings.Split(strings.TrimSpace(s.lab(t, "preview", flags...).stdout), "\n")
	matches := len(preview) == len(lines)+2
	for i := range lines {
		matches = matches && strings.Contains(preview[i+1], lines[i])
	}
	if !matches {
		t.Errorf("the preview is not of the changes %q:\n%s", lines, strings.Join(preview, "\n"))
	}
}
