package settings

import (
	"maps"
	"slices"
	"strings"

	"istio-lab/internal/nearest"
	"istio-lab/internal/release"
)

// Addons returns the names of the add-ons of a scenario, in the manual's order.
func Addons(s Scenario) []string {
	addons := []string{release.KubeOpsView, release.Prometheus, release.Grafana, release.Kiali, release.Jaeger}
	if s == Extension {
		addons = slices.Insert(addons, 1, release.MetricsServer)
	}
	return addons
}

// Addon says whether the scenario has the add-on of that name, and it is not switched off.
func (s Settings) Addon(name string) bool {
	on, set := s.Lab.Addons[name]
	return slices.Contains(Addons(s.Scenario), name) && (on || !set)
}

func (p *parser) addons(scenario Scenario, lab Lab) {
	all := Addons(Extension)
	for _, name := range slices.Sorted(maps.Keys(lab.Addons)) {
		switch {
		case !slices.Contains(all, name):
			p.refuse(KeyLab+".addons."+name, "no such add-on%s", nearest.Of(name, all))
		case lab.Addons[name] && scenario != "" && !slices.Contains(Addons(scenario), name):
			p.refuse(KeyLab+".addons."+name, "the scenario %s does not have it; it has %s",
				scenario, strings.Join(Addons(scenario), ", "))
		}
	}
}
