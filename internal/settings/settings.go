// Package settings turns a stack's configuration into typed values, strictly: whatever is misspelt, of a wrong type or out
// of range is reported, all problems at once, each with its key, the value and what would be right.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	strictjson "sigs.k8s.io/json"

	"istio-lab/internal/allot"
	"istio-lab/internal/loyalty"
	"istio-lab/internal/nearest"
	"istio-lab/internal/release"
)

// Project is the Pulumi project, and so the namespace of the configuration's keys.
const Project = "istio-lab"

// The keys of the configuration, without the project's namespace.
const (
	KeyScenario = "scenario"
	KeyStage    = "stage"
	KeyStudent  = "student"
	KeyRelease  = "release"
	KeyLab      = "lab"
)

var keys = []string{KeyScenario, KeyStage, KeyStudent, KeyRelease, KeyLab}

// Settings is a stack's configuration, complete and checked.
type Settings struct {
	Scenario Scenario
	// Stage is the last step of the manual to build.
	Stage   Stage
	Release release.Release
	// Slot is what the student number stands for on the host.
	Slot allot.Slot
	Lab  Lab
}

// Clusters are those of the scenario.
func (s Settings) Clusters() []allot.Cluster {
	if s.Scenario == Extension {
		return []allot.Cluster{s.Slot.MyK8s}
	}
	return []allot.Cluster{s.Slot.West, s.Slot.East}
}

// Lab is the setting `lab`: all that a person rarely needs.
type Lab struct {
	// DockerHost is the URL of the Docker engine that the nodes are on; empty for the one that the environment names.
	DockerHost string `json:"dockerHost"`
	// ListenAddress is where the ports are published on the host; loopback unless set.
	ListenAddress string `json:"listenAddress"`
	// Networks is the /16 that the students' Docker networks are cut from.
	Networks string `json:"networks"`
	// Images overrides images by name; Manifests overrides third-party manifests by name, with a path or an https URL.
	Images    map[string]string `json:"images"`
	Manifests map[string]string `json:"manifests"`
	// IgnoreImageDigests takes the release's images by their tags alone, where mirrors or the engine have builds of their own under them.
	IgnoreImageDigests bool `json:"ignoreImageDigests"`
	// Addons switches add-ons off by name; see Settings.Addon.
	Addons map[string]bool `json:"addons"`
	// Mirrors maps a registry's host to the URL that the nodes ask first for its images.
	Mirrors       map[string]string `json:"mirrors"`
	Kubelet       Kubelet           `json:"kubelet"`
	Istiod        Istiod            `json:"istiod"`
	IstioOperator IstioOperator     `json:"istioOperator"`
	// WestBackendFails makes the simple-backend of west answer every request with an error, the manual's ERROR_RATE, so that
	// east takes over.
	WestBackendFails bool `json:"westBackendFails"`
	// Clusters are those that a person has, by the manual's names for them, where the lab is not to make nodes of its own.
	Clusters map[string]Existing `json:"clusters"`
	// RateLimits holds for every tier how many requests a minute it may make to catalog. What is not set is the manual's.
	RateLimits map[loyalty.Tier]int `json:"rateLimits"`
}

// Reached is the address at which the host reaches the ports that it publishes at ListenAddress.
func (l Lab) Reached() netip.Addr { return allot.Reachable(netip.MustParseAddr(l.ListenAddress)) }

// Kubelet changes the kubelets of the nodes.
type Kubelet struct {
	FeatureGates map[string]bool `json:"featureGates"`
}

// Istiod changes istiod.
type Istiod struct {
	// Env is added to istiod's environment.
	Env map[string]string `json:"env"`
}

// IstioOperator changes the control planes' IstioOperator.
type IstioOperator struct {
	// Values is merged over the values of the lab.
	Values map[string]any `json:"values"`
}

// Parse reads the configuration of a stack, a map from full keys such as istio-lab:stage to values, objects as JSON. Keys of
// other namespaces are not looked at. The error joins one error for each problem.
func Parse(config map[string]string) (Settings, error) {
	p := parser{config: config}
	p.refuseUnknownKeys()
	s := Settings{}
	s.Scenario = p.scenario()
	lab, own := p.lab()
	s.Lab = lab
	s.Stage = p.stage(s.Scenario, s.OnExisting())
	p.addons(s)
	p.clusters(s.Scenario, s.Stage, s.Lab, own)
	s.Release = p.release(s)
	s.Slot = p.slot(s.Lab)
	if err := errors.Join(p.problems...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// ScenarioOf is the scenario of a configuration: what it says, which Parse may refuse, or the default.
func ScenarioOf(config map[string]string) Scenario {
	if name, set := config[Project+":"+KeyScenario]; set {
		return Scenario(name)
	}
	return Multicluster
}

// RefuseSecrets refuses settings that are kept as secrets, by their full keys: what they say is in previews, in objects of the clusters and
// in the outputs, where it would be in the clear.
func RefuseSecrets(keys []string) error {
	var problems []error
	for _, full := range keys {
		if key, ours := strings.CutPrefix(full, Project+":"); ours {
			problems = append(problems, fmt.Errorf("%s: the lab shows its settings, so that none of them can be a secret; take it out "+
				"(`pulumi config rm %s`) and set it plain", full, key))
		}
	}
	return errors.Join(problems...)
}

type parser struct {
	config   map[string]string
	problems []error
}

func (p *parser) refuse(key, format string, args ...any) {
	p.problems = append(p.problems, fmt.Errorf("%s:%s: %w", Project, key, fmt.Errorf(format, args...)))
}

func (p *parser) get(key string) (string, bool) {
	v, set := p.config[Project+":"+key]
	return v, set
}

func (p *parser) refuseUnknownKeys() {
	for _, full := range slices.Sorted(maps.Keys(p.config)) {
		if key, ours := strings.CutPrefix(full, Project+":"); ours && !slices.Contains(keys, key) {
			p.refuse(key, "no such setting%s", nearest.Of(key, keys))
		}
	}
}

func (p *parser) scenario() Scenario {
	scenario, names := ScenarioOf(p.config), slices.Sorted(maps.Keys(ladders))
	if !slices.Contains(names, scenario) {
		p.refuse(KeyScenario, "%q is not a scenario%s", scenario, nearest.Of(string(scenario), names))
		return ""
	}
	return scenario
}

func (p *parser) stage(scenario Scenario, onExisting bool) Stage {
	name, set := p.get(KeyStage)
	if scenario == "" {
		return "" // which stages there are is not known
	}
	if !set || name == "" { // Pulumi.yaml has to have a default, and a scenario's last stage is not one name
		if onExisting {
			stages := StagesOnExisting(scenario)
			return stages[len(stages)-1]
		}
		return Last(scenario)
	}
	ladder := ladders[scenario]
	if slices.Contains(ladder, Stage(name)) {
		return Stage(name)
	}
	for other, l := range ladders {
		if slices.Contains(l, Stage(name)) {
			p.refuse(KeyStage, "%q is a stage of the scenario %s, not of %s%s", name, other, scenario, nearest.Of(name, ladder))
			return ""
		}
	}
	p.refuse(KeyStage, "%q is not a stage of %s%s", name, scenario, nearest.Of(name, ladder))
	return ""
}

func (p *parser) slot(lab Lab) allot.Slot {
	student := 0
	if text, set := p.get(KeyStudent); set {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > allot.MaxStudent {
			p.refuse(KeyStudent, "%q is not a number in 0..%d", text, allot.MaxStudent)
		} else {
			student = n
		}
	}
	base := allot.DefaultBase
	if lab.Networks != "" {
		parsed, err := netip.ParsePrefix(lab.Networks)
		if err != nil {
			p.refuse(KeyLab+".networks", "%q is not a network such as %s", lab.Networks, allot.DefaultBase)
			return allot.Slot{}
		}
		base = parsed
	}
	slot, err := allot.For(student, base)
	if err != nil {
		p.refuse(KeyLab+".networks", "%v", err)
	}
	return slot
}

func (p *parser) release(s Settings) release.Release {
	name, set := p.get(KeyRelease)
	if !set {
		name = "book"
	}
	r, err := release.For(name, release.Overrides{
		Images: s.Lab.Images, Manifests: s.Lab.Manifests, IgnoreDigests: s.Lab.IgnoreImageDigests,
	})
	if err != nil {
		p.refuse(KeyRelease, "%q is not a release%s", name, nearest.Of(name, release.Names()))
		return r
	}
	if !s.OnExisting() {
		if err := r.CheckNode(); err != nil {
			p.refuse(KeyLab+".images."+release.Node, "%w", err)
		}
	}
	return r
}

// String sums up the lab, as its output of that name does.
func (s Settings) String() string { return Summary(s.Scenario, s.Stage, s.Versions(), s.Slot.Student) }

// Summary sums up a lab: what it is, how far it is built, and what really runs in it.
func Summary(scenario Scenario, stage Stage, versions release.Versions, student int) string {
	return fmt.Sprintf("%s up to %s, %s, student %d", scenario, stage, versions, student)
}

// Versions are those that the lab runs. On existing clusters that of Kubernetes is not the lab's.
func (s Settings) Versions() release.Versions {
	v := s.Release.Versions()
	if s.OnExisting() {
		v.Kubernetes = ""
	}
	return v
}

var (
	// The host of a registry, with its port if it has one.
	registryHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$`)
	// An image reference with a tag, a digest or both. The lab asks for one of them: what it builds should stay the same.
	imageReference = regexp.MustCompile(`^[a-z0-9][a-z0-9._/:-]*[a-z0-9](:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`)
)

// lab reads the setting lab, and names what is set in it and is about nodes of the lab's own.
func (p *parser) lab() (lab Lab, own []string) {
	text, set := p.get(KeyLab)
	if !set {
		text = "{}"
	}
	if problems := decode(KeyLab, text, &lab); len(problems) > 0 {
		for _, problem := range problems {
			p.refuse(problem.key, "%s", problem.what)
		}
		return Lab{}, nil
	}
	own = lab.aboutNodes()
	if lab.ListenAddress == "" {
		lab.ListenAddress = "127.0.0.1"
	}
	if _, err := netip.ParseAddr(lab.ListenAddress); err != nil {
		p.refuse(KeyLab+".listenAddress", "%q is not an address such as 127.0.0.1 or 0.0.0.0", lab.ListenAddress)
	}
	p.dockerHost(lab)
	for _, name := range slices.Sorted(maps.Keys(lab.Images)) {
		if !slices.Contains(release.ImageNames(), name) {
			p.refuse(KeyLab+".images."+name, "no such image%s", nearest.Of(name, release.ImageNames()))
		}
		if ref := lab.Images[name]; !imageReference.MatchString(ref) || !strings.ContainsAny(lastPart(ref), ":@") {
			p.refuse(KeyLab+".images."+name, "%q is not an image with a tag or a digest, such as registry.example/name:tag", ref)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lab.Manifests)) {
		if !slices.Contains(release.ManifestNames(), name) {
			p.refuse(KeyLab+".manifests."+name, "no such manifest%s", nearest.Of(name, release.ManifestNames()))
		}
		if lab.Manifests[name] == "" {
			p.refuse(KeyLab+".manifests."+name, "give a path or an https URL")
		}
	}
	for _, host := range slices.Sorted(maps.Keys(lab.Mirrors)) {
		if !registryHost.MatchString(host) {
			p.refuse(KeyLab+".mirrors", "%q is not a registry's host such as docker.io", host)
		}
		u, err := url.Parse(lab.Mirrors[host])
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			p.refuse(KeyLab+".mirrors."+host, "%q is not a URL such as http://192.0.2.1:5000", lab.Mirrors[host])
		}
	}
	lab.RateLimits = p.rateLimits(lab.RateLimits)
	return lab, own
}

// lastPart returns what follows the last slash of an image reference, where a colon is a tag's and not a port's.
func lastPart(reference string) string { return reference[strings.LastIndex(reference, "/")+1:] }

// problem is what is wrong with the value of one key.
type problem struct{ key, what string }

// decode decodes a JSON object strictly into the struct that into points to, and returns every problem found.
func decode(key, text string, into any) []problem {
	var tree any
	twice, err := strictjson.UnmarshalStrict([]byte(text), &tree, strictjson.DisallowDuplicateFields)
	if err != nil {
		return []problem{{key, fmt.Sprintf("is not an object: %v", err)}}
	}
	var problems []problem
	for _, err := range twice {
		problems = append(problems, problem{key + "." + err.(strictjson.FieldError).FieldPath(), "is set twice"})
	}
	if problems = append(problems, check(key, tree, into)...); len(problems) > 0 {
		return problems
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return []problem{{key, err.Error()}}
	}
	return nil
}
