//go:build e2e

package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/settings"
)

// pages are the manual's steps after the first: the components that each adds, by their names for student 0, and what a claim of
// the stage meets right before it.
var pages = []struct {
	stage   settings.Stage
	adds    []string
	without string
}{
	{settings.LoadBalancer, []string{"west-metallb", "east-metallb"}, "has no address"},
	{settings.Trust, []string{
		"root-ca", "west-system", "west-intermediate", "west-cacerts", "east-system", "east-intermediate", "east-cacerts",
	}, "west has no secrets istio-system/cacerts"},
	{
		settings.Mesh, []string{"west-istio", "west-prometheus", "east-istio", "east-prometheus"},
		"west has no deployments istio-system/istiod",
	},
	{settings.Apps, []string{
		"west-istioinaction", "west-webapp", "west-coolstore-gateway", "west-catalog", "east-istioinaction", "east-catalog",
	}, "west has no pod with app=webapp"},
	{
		settings.Discovery, []string{"west-reads-east", "east-reads-west"},
		"west has no secrets istio-system/istio-remote-secret-east-cluster",
	},
	// What webapp answers while there is no way to the catalog, as the manual shows it.
	{settings.Gateways, []string{"west-eastwest", "east-eastwest"}, `500 "error calling Catalog service"`},
	{settings.Locality, []string{
		"west-simple-backend", "west-simple-backend-gateway", "west-locality", "east-simple-backend",
	}, "404"},
	// Before there is a policy, anybody in the mesh is answered.
	{settings.Policy, []string{"east-allow-only-ingress"}, "Hello from EAST"},
}

// stageByStage climbs from an empty host. At each stage its claims and all before it are true, no later one is, and the preview of
// the next names what that adds and nothing else.
func stageByStage(t *testing.T, l *multicluster) {
	l.up(t, "--stage="+string(settings.Clusters))
	l.sound(t)
	for _, page := range pages {
		objections := l.notYet(t)[page.stage]
		if want := l.named(page.without); !strings.Contains(objections, want) {
			t.Errorf("before the stage %s the objections do not say %q, but:\n%s", page.stage, want, objections)
		}
		var want []string
		for _, name := range page.adds {
			want = append(want, l.named(name))
		}
		preview := l.lab(t, "preview", "--stage="+string(page.stage)).stdout
		if got := components(preview); !sameSet(got, want) || strings.Contains(preview, " to update") ||
			strings.Contains(preview, " to delete") || strings.Contains(preview, " to replace") {
			t.Errorf("the preview of the stage %s is not to create %q, but is:\n%s", page.stage, want, preview)
		}
		l.up(t, "--stage="+string(page.stage))
		l.sound(t)
		if t.Failed() {
			return
		}
	}
}

// named puts the stack's own names of the clusters into a text that has student 0's.
func (l *multicluster) named(text string) string {
	return clusterNames.ReplaceAllStringFunc(text, func(name string) string {
		switch name {
		case "west":
			return l.slot.West.Name
		case "east":
			return l.slot.East.Name
		}
		return name
	})
}

// clusterNames finds the names of the clusters, and what holds them and is not one.
var clusterNames = regexp.MustCompile("(east|west)-cluster|east-?west|east|west")

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
	preview := strings.Split(strings.TrimSpace(l.lab(t, "preview", "--set", fails+"true").stdout), "\n")
	if len(preview) != 3 || !strings.Contains(preview[1], "~  Deployment istioinaction/simple-backend-west") {
		t.Errorf("the preview is not of one Deployment's change:\n%s", strings.Join(preview, "\n"))
	}
	l.up(t, "--set", fails+"true")
	l.sound(t) // which has east answer
	l.up(t, "--set", fails+"false")
	l.sound(t) // which has west answer
}
