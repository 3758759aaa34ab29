package recipe

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/source"
)

// The recipes name folders relative to the command's own.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestEveryImageHasAValidNameAShortNameAndAKeyOfItsOwn(t *testing.T) {
	for _, release := range []string{Release, Book} {
		t.Run(release, func(t *testing.T) { checkNames(t, All(release)) })
	}
}

func checkNames(t *testing.T, recipes []Recipe) {
	seen := map[string]string{}
	for _, r := range recipes {
		if _, err := name.NewTag(r.Image.Ref); err != nil {
			t.Error(err)
		}
		key, err := r.Image.Key()
		if err != nil {
			t.Fatal(err)
		}
		for _, own := range []string{r.Short, r.Image.Ref, key} {
			if other, taken := seen[own]; taken {
				t.Errorf("%s and %s share %s", r.Short, other, own)
			}
			seen[own] = r.Short
		}
	}
}

func TestTheKeyOfAnImageChangesWithTheVersionsThatItsProgramsArePinnedTo(t *testing.T) {
	dir := t.TempDir()
	pin := func(version string) string {
		t.Helper()
		for _, file := range []string{"go.mod", "go.sum"} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(version), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		programs := source.Programs{Title: "test", Dir: dir, Packages: []string{"example.org/tool"}}
		key, err := static("example.org/tool:1", programs, "tool").Key()
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := pin("v1")
	if pin("v2") == first {
		t.Error("another version has the same key")
	}
	if pin("v1") != first {
		t.Error("the same version has another key")
	}
}

func TestImageNamesAgreeWithThePinnedVersions(t *testing.T) {
	for group, want := range map[string]string{
		"istio":          "istio.io/istio v0.0.0-20260827124520-eed52ebb66ad",
		"metallb":        "go.universe.tf/metallb " + currentMetalLB.version,
		"metallb-book":   "go.universe.tf/metallb " + bookMetalLB.version,
		"registry":       "github.com/distribution/distribution/v3 v" + strings.Split(RegistryImage, ":")[1],
		"prometheus":     "github.com/prometheus/prometheus v0." + strings.Replace(prometheusVersion, ".", "", 1),
		"metrics-server": "sigs.k8s.io/metrics-server " + strings.Split(MetricsServerImage, ":")[1],
		"http-echo":      "github.com/hashicorp/http-echo v" + strings.Split(EchoImage, ":")[1] + ".0",
	} {
		pins, err := os.ReadFile("programs/" + group + "/go.mod")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(pins), want) {
			t.Errorf("programs/%s/go.mod does not pin %s", group, want)
		}
	}
}

func TestThePrometheusManifestNamesItsImagesAsTheTestBedDoes(t *testing.T) {
	dir := t.TempDir()
	if err := prometheusManifest.Build(t.Context(), nil, dir); err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, match := range regexp.MustCompile(`image: "(.*)"`).FindAllStringSubmatch(string(manifest), -1) {
		named = append(named, match[1])
	}
	slices.Sort(named)
	if want := []string{PrometheusImage, ConfigReloaderImage}; !slices.Equal(named, want) {
		t.Errorf("it names %s, not %s", named, want)
	}
}

func TestAnImageCanBeNeededByTheEngineAndByNodes(t *testing.T) {
	for place, want := range map[Place]string{Engine: "engine", Registry: "registry", Engine | Registry: "engine and registry"} {
		if got := place.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if Engine.Has(Registry) || Registry.Has(Engine) || !(Engine | Registry).Has(Engine) || !(Engine | Registry).Has(Registry) {
		t.Error("a place has another")
	}
}

func TestEveryArtifactHasAFolderOfTheCacheToItself(t *testing.T) {
	all, err := artifact.Open(t.TempDir(), Costs, t.Logf).Missing(everything()...)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range all {
		if seen[a.Name()] {
			t.Errorf("two are called %s: making one removes the other", a.Name())
		}
		seen[a.Name()] = true
	}
	for name := range Costs {
		if !seen[name] {
			t.Errorf("%s has a cost, but nothing is called so", name)
		}
	}
}

func everything() []artifact.Artifact {
	all := []artifact.Artifact{Runtime, LanguageHost, Pulumi("v3")}
	for _, tool := range Tools() {
		all = append(all, tool)
	}
	for _, release := range []string{Release, Book} {
		for _, r := range All(release) {
			all = append(all, r.Image.Layers...)
		}
		for _, manifest := range Manifests(release) {
			all = append(all, manifest)
		}
	}
	for _, plugin := range Plugins() {
		all = append(all, plugin)
	}
	return all
}
