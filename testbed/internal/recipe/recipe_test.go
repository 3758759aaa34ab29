package recipe

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-containerregistry/pkg/name"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
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
	seen := map[string]string{}
	for _, r := range All() {
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
		"kubernetes":     "k8s.io/kubernetes " + kubernetesVersion,
		"istio":          "istio.io/istio v0.0.0-20260827124520-eed52ebb66ad",
		"metallb":        "go.universe.tf/metallb " + metallbVersion,
		"registry":       "github.com/distribution/distribution/v3 " + strings.Split(RegistryImage, ":")[1],
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

func nodeText(t *testing.T, path string) string {
	t.Helper()
	content, err := nodeFiles.ReadFile(nodeFilesRoot + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func preloaded() (refs []string) {
	for _, image := range controlPlane() {
		refs = append(refs, image.Ref)
	}
	return refs
}

func TestANodeHoldsTheImagesThatItsOwnFilesName(t *testing.T) {
	sandbox := regexp.MustCompile(`sandbox_image = "(.*)"`).FindStringSubmatch(nodeText(t, "etc/containerd/config.toml"))
	cni := regexp.MustCompile(`image: (.*)`).FindStringSubmatch(nodeText(t, "kind/manifests/default-cni.yaml"))
	if sandbox == nil || cni == nil {
		t.Fatal("this test is not testing anything")
	}
	for _, ref := range []string{sandbox[1], cni[1]} {
		if !slices.Contains(preloaded(), ref) {
			t.Errorf("the node does not hold %s, only %s", ref, preloaded())
		}
	}
}

func TestThePodNetworksManifestIsOneThatKindFillsIn(t *testing.T) {
	manifest := nodeText(t, "kind/manifests/default-cni.yaml")
	if !strings.Contains(manifest, "would you kindly template this file") {
		t.Error("kind would not fill in the pod range")
	}
	var filled strings.Builder
	parsed := template.Must(template.New("").Parse(manifest))
	if err := parsed.Execute(&filled, struct{ PodSubnet string }{"10.10.0.0/16"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(filled.String(), "value: 10.10.0.0/16\n") {
		t.Errorf("got %s", filled.String())
	}
}

func TestANodeOffersWhatKindReliesOn(t *testing.T) {
	files := map[string]oci.File{}
	for _, file := range nodeLayout() {
		if _, twice := files[file.Path]; twice {
			t.Errorf("%s comes twice", file.Path)
		}
		files[file.Path] = file
	}
	for _, program := range []string{
		"usr/local/bin/entrypoint", "usr/local/sbin/select-iptables",
		"kind/bin/undo-mount-hacks.sh", "kind/bin/create-kubelet-cgroup-v2.sh",
	} {
		if files[program].Mode != 0o755 {
			t.Errorf("%s has the mode %o", program, files[program].Mode)
		}
	}
	for _, data := range []string{"kind/version", "kind/manifests/default-cni.yaml", "kind/manifests/default-storage.yaml"} {
		if files[data].Content == nil || files[data].Mode != 0o644 {
			t.Errorf("%s: got %+v", data, files[data])
		}
	}
	if got := nodeText(t, "usr/local/bin/entrypoint"); !strings.Contains(got, `info "detected cgroup v1"`) {
		t.Error("kind would wait for the words detected cgroup v1")
	}
	// A folder of the file would take the place of Debian's links /bin, /lib and /sbin.
	for place, file := range files {
		if top, _, _ := strings.Cut(place, "/"); slices.Contains([]string{"bin", "lib", "lib64", "sbin"}, top) {
			t.Errorf("%s must be below usr", place)
		}
		// An enabled unit is a link to one that is there.
		if strings.Contains(place, ".wants/") {
			unit := path.Join(path.Dir(place), file.Link)
			if files[unit].Content == nil {
				t.Errorf("%s leads to %s, which is not there", place, unit)
			}
		}
	}
	config, err := json.Marshal(node().Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`["/usr/local/bin/entrypoint","/sbin/init"]`, `"container=docker"`, `"SIGRTMIN+3"`} {
		if !strings.Contains(string(config), want) {
			t.Errorf("the image lacks %s: %s", want, config)
		}
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
	for _, r := range All() {
		all = append(all, r.Image.Layers...)
	}
	for _, plugin := range Plugins() {
		all = append(all, plugin)
	}
	for _, manifest := range Manifests() {
		all = append(all, manifest)
	}
	return all
}
