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

// addons returns the names of the add-ons that the lab can have. Those that look at a cluster and not at its mesh are left out of a
// person's own: what there is of them is theirs.
func (s Settings) addons() []string {
	all := Addons(s.Scenario)
	if s.OnExisting() {
		all = slices.DeleteFunc(all, func(name string) bool { return name == release.KubeOpsView || name == release.MetricsServer })
	}
	return all
}

// Addon says whether the lab has the add-on of that name, and it is not switched off.
func (s Settings) Addon(name string) bool {
	on, set := s.Lab.Addons[name]
	return slices.Contains(s.addons(), name) && (on || !set)
}

func (p *parser) addons(s Settings) {
	scenario, lab := s.Scenario, s.Lab
	all := Addons(Extension)
	for _, name := range slices.Sorted(maps.Keys(lab.Addons)) {
		switch {
		case !slices.Contains(all, name):
			p.refuse(KeyLab+".addons."+name, "no such add-on%s", nearest.Of(name, all))
		case lab.Addons[name] && scenario != "" && !slices.Contains(Addons(scenario), name):
			p.refuse(KeyLab+".addons."+name, "the scenario %s does not have it; it has %s",
				scenario, strings.Join(Addons(scenario), ", "))
		case lab.Addons[name] && scenario != "" && !slices.Contains(s.addons(), name):
			p.refuse(KeyLab+".addons."+name, "it looks at a cluster, and those of lab.clusters are not the lab's; it can have %s",
				strings.Join(s.addons(), ", "))
		}
	}
}
