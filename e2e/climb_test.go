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

// page is a step of the manual.
type page struct {
	// adds are the components that it adds, by their names for student 0, and without is what a claim of the stage meets right before it.
	// The first step has neither, for there is no lab before it.
	adds    []string
	without string
	// shows is what is to be seen, at the least, by a person who types what the lesson says: patterns of lines.
	shows []string
}

// chapter12 has the steps of the multi-cluster lab.
var chapter12 = map[settings.Stage]page{
	settings.Clusters: {shows: []string{`topology\.kubernetes\.io/region=westus`, `"gitVersion": "v1\.`}},
	settings.LoadBalancer: {
		adds:    []string{"west-metallb", "east-metallb"},
		without: "has no IP address",
		shows:   []string{`10\.118\.90\.101-10\.118\.90\.120`, `^probe +LoadBalancer +\S+ +10\.118\.90\.1`},
	},
	settings.Trust: {
		adds: []string{
			"root-ca", "west-system", "west-intermediate", "west-cacerts", "east-system", "east-intermediate", "east-cacerts",
		},
		without: "west has no secrets istio-system/cacerts",
		shows:   []string{`west\.intermediate\.istio\.in\.action`, `^notAfter=`},
	},
	settings.Mesh: {
		adds:    []string{"west-istio", "west-prometheus", "east-istio", "east-prometheus"},
		without: "west has no deployments istio-system/istiod",
		shows:   []string{`^istiod-\S+ +1/1 +Running`, `^issuer=.*west\.intermediate`, `^http://127\.0\.0\.1:`},
	},
	settings.Apps: {
		adds: []string{
			"west-istioinaction", "west-webapp", "west-coolstore-gateway", "west-catalog", "east-istioinaction", "east-catalog",
		},
		without: "west has no pod with app=webapp",
		shows:   []string{`^ +3 +100% +500`, `^catalog-\S+ +2/2 +Running`},
	},
	settings.Discovery: {
		adds:    []string{"west-reads-east", "east-reads-west"},
		without: "west has no secrets istio-system/istio-remote-secret-east-cluster",
		shows:   []string{`^istio-remote-secret-east-cluster `, `^10\.20\.\S+ .*outbound\|80\|\|catalog\.`, `^ +3 +100% +50\d`},
	},
	// What webapp answers while there is no way to the catalog, as the manual shows it.
	settings.Gateways: {
		adds:    []string{"west-eastwest", "east-eastwest"},
		without: `500 "error calling Catalog service"`,
		shows:   []string{`^10\.118\.90\.202:15443 .*outbound\|80\|\|catalog\.`, `^ +3 +100% +200 4 items`},
	},
	settings.Locality: {
		adds: []string{
			"west-simple-backend", "west-simple-backend-gateway", "west-locality", "east-simple-backend",
		},
		without: "404",
		shows:   []string{`^ +\d+ +100% +200 Hello from WEST`},
	},
	// Before there is a policy, anybody in the mesh is answered.
	settings.Policy: {
		adds:    []string{"east-allow-only-ingress"},
		without: "Hello from EAST",
		shows:   []string{`istio-ingressgateway-service-account`, `^HTTP/1\.1 403`, `"body": *"Hello from WEST`, `^all \d+ claims are true`},
	},
}

// climb builds a lab as a person does who reads: by next alone, typing what each lesson says to try. What next says beforehand names what
// the stage adds and nothing else. The claims of the stage are not true before, and true then; at the end all are.
func (s *stack) climb(t *testing.T, scenario settings.Scenario, pages map[settings.Stage]page) {
	p, counts := pupil{s, t.TempDir()}, false
	var before view
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
			s.meets(t, before, stage, pages[stage])
		}
		said := s.lab(t, "next", arguments...).stdout
		if i > 0 {
			s.adds(t, said, stage, pages[stage])
		}
		p.bring(t, scenario, stage)
		p.follow(t, stage, pages[stage], said)
		if counts = counts || stage == settings.RateLimit; counts {
			s.forgetRequests(t)
		}
		before = s.view(t)
		before.reached(t)
		if t.Failed() {
			return
		}
	}
	s.sound(t)
}

// adds fails the test unless what next has said names what the page of its stage adds, and nothing else.
func (s *stack) adds(t *testing.T, said string, stage settings.Stage, p page) {
	t.Helper()
	var want []string
	for _, name := range p.adds {
		want = append(want, s.named(name))
	}
	preview, _, found := strings.Cut(said, fmt.Sprintf("\n\n%s\n\n", stage))
	if got := components(preview); !found || !sameSet(got, want) || strings.Contains(preview, " to update") ||
		strings.Contains(preview, " to delete") || strings.Contains(preview, " to replace") {
		t.Errorf("next to the stage %s is to say that it creates %q, but says:\n%s", stage, want, preview)
	}
}

// meets fails the test unless a claim of the stage meets what its page says, once the mesh has settled: until then a proxy may, for
// example, not know its own region yet.
func (s *stack) meets(t *testing.T, before view, stage settings.Stage, p page) {
	t.Helper()
	want := s.named(p.without)
	err := checks.Poll(t.Context(), time.Minute, func(context.Context) error {
		if objections := before.notYet(t, 0, stage)[stage]; !strings.Contains(objections, want) {
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

// failsOver has west's backend fail, and takes that back. It is not the last look at a lab.
func failsOver(t *testing.T, s *stack) {
	const fails = "westBackendFails="
	s.plans(t, []string{"~  Deployment istioinaction/simple-backend-west"}, "--set", fails+"true")
	s.up(t, "--set", fails+"true")
	s.sound(t) // which has east answer
	s.up(t, "--set", fails+"false")
	// That west answers again is what the looks after this one see when they find the lab sound.
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
