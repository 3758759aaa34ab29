package recipe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
)

var nodes = []nodeVersion{currentNode, bookNode}

func eachNode(t *testing.T, check func(*testing.T, nodeVersion)) {
	for _, node := range nodes {
		t.Run(node.name, func(t *testing.T) { check(t, node) })
	}
}

// module is the folder of kind's module.
func module(t *testing.T, node nodeVersion) string {
	t.Helper()
	dir, err := node.kind.Download(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func refs(images []oci.Image) (refs []string) {
	for _, image := range images {
		refs = append(refs, image.Ref)
	}
	return refs
}

func TestANodeHoldsTheImagesThatKindsOwnFilesName(t *testing.T) {
	eachNode(t, func(t *testing.T, node nodeVersion) {
		config, err := os.ReadFile(filepath.Join(module(t, node), "images/base/files/etc/containerd/config.toml"))
		if err != nil {
			t.Fatal(err)
		}
		manifests, err := kindManifests(filepath.Join(module(t, node), "pkg/build/nodeimage"))
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile(`(?:image:|sandbox_image =|- --helper-image\s+-) "?([^"\s]+)"?`).
			FindAllStringSubmatch(string(config)+manifests.network+manifests.storage, -1)
		if len(named) != 5 {
			t.Errorf("kind's files name %d images: %q", len(named), named)
		}
		for _, match := range named {
			if !slices.Contains(refs(node.preloaded()), match[1]) {
				t.Errorf("the node does not hold %s, only %s", match[1], refs(node.preloaded()))
			}
		}
	})
}

func TestANodesProgramsAreOfTheVersionsThatItsImagesAreNamedBy(t *testing.T) {
	tag := func(ref string) string { return ref[strings.LastIndex(ref, ":")+1:] }
	eachNode(t, func(t *testing.T, node nodeVersion) {
		etcd, _, _ := strings.Cut(tag(node.images.etcd), "-")
		for dir, want := range map[string]string{
			node.kubernetes.Dir: "k8s.io/kubernetes " + node.version,
			node.etcd.Dir:       "go.etcd.io/etcd/server/v3 v" + etcd,
			node.coredns.Dir:    "github.com/coredns/coredns " + tag(node.images.coredns),
		} {
			pins, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(`(?m)^(require |\t)` + regexp.QuoteMeta(want) + `( // indirect)?$`).Match(pins) {
				t.Errorf("%s/go.mod does not pin %s", dir, want)
			}
		}
	})
}

func TestANodeHasContainerdOfTheVersionThatKindBuilds(t *testing.T) {
	eachNode(t, func(t *testing.T, node nodeVersion) {
		dockerfile, err := os.ReadFile(filepath.Join(module(t, node), "images/base/Dockerfile"))
		if err != nil {
			t.Fatal(err)
		}
		version := regexp.MustCompile(`ARG CONTAINERD_VERSION="(.*)"`).FindSubmatch(dockerfile)
		if version == nil || !strings.HasSuffix(node.containerd.LDFlags, ".Version="+string(version[1])) {
			t.Errorf("kind builds containerd %s, the test bed links with %s", version, node.containerd.LDFlags)
		}
		pins, err := os.ReadFile(filepath.Join(node.containerd.Dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`github\.com/containerd/containerd(/v2)? ` + regexp.QuoteMeta(string(version[1]))).Match(pins) {
			t.Errorf("%s/go.mod does not pin containerd %s", node.containerd.Dir, version[1])
		}
	})
}

func TestANodesFilesAreKindsOwnAndItsUnitsAreEnabled(t *testing.T) {
	eachNode(t, func(t *testing.T, node nodeVersion) {
		list, err := kindFiles{node}.files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]oci.File{}
		for _, file := range list {
			if _, twice := files[file.Path]; twice {
				t.Errorf("%s comes twice", file.Path)
			}
			files[file.Path] = file
		}
		for _, program := range []string{
			"usr/local/bin/entrypoint", "kind/bin/undo-mount-hacks.sh", "kind/bin/create-kubelet-cgroup-v2.sh", "kind/bin/mount-product-files.sh",
		} {
			if files[program].Mode != 0o755 {
				t.Errorf("%s has the mode %o", program, files[program].Mode)
			}
		}
		for place, file := range files {
			// A folder of the file would take the place of Debian's links /bin, /lib and /sbin.
			if top, _, _ := strings.Cut(place, "/"); slices.Contains([]string{"bin", "lib", "lib64", "sbin"}, top) {
				t.Errorf("%s must be below usr", place)
			}
			if strings.Contains(place, ".wants/") && files[strings.TrimPrefix(file.Link, "/")].Content == nil {
				t.Errorf("%s leads to %s, which is not there", place, file.Link)
			}
		}
		driver := "SystemdCgroup = true"
		if minor(node.version) < 24 {
			driver = "SystemdCgroup = false"
		}
		if text := files["etc/containerd/config.toml"].Content.(oci.Text); strings.Count(string(text), driver) != 2 {
			t.Errorf("its containerd is not set to %s: %s", driver, text)
		}
	})
}

func TestEveryContainerOfANodeGetsKindsHookAndNoLimits(t *testing.T) {
	changed, err := withKindsHook(`{"ociVersion":"1.2.0","process":{"cwd":"/","rlimits":[{"type":"RLIMIT_NOFILE","hard":1024}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(changed), &got); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"hooks":{"createContainer":[{"path":"/kind/bin/mount-product-files.sh"}]},"ociVersion":"1.2.0","process":{"cwd":"/"}}`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
	for _, bad := range []string{"", "{}", `{"process": 1}`} {
		if _, err := withKindsHook(bad); err == nil {
			t.Errorf("%q was taken for a specification", bad)
		}
	}
}

func TestANodeStartsAsKindsOwn(t *testing.T) {
	eachNode(t, func(t *testing.T, node nodeVersion) {
		config, err := json.Marshal(node.image().Config)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`["/usr/local/bin/entrypoint","/sbin/init"]`, `"container=docker"`, `"SIGRTMIN+3"`} {
			if !strings.Contains(string(config), want) {
				t.Errorf("the image lacks %s: %s", want, config)
			}
		}
	})
}

func TestAChangedProgramOfTheBedsOwnDoesNotRebuildKubernetes(t *testing.T) {
	for _, a := range []artifact.Artifact{currentNode.kubernetes, currentNode.containerd, nodeSystem, kindFiles{currentNode}} {
		for _, need := range needsOf(a) {
			if need.Name() == own.Name() {
				t.Errorf("%s is made of %s", a.Name(), own.Name())
			}
		}
	}
	if !slices.ContainsFunc(needsOf(imageStore{currentNode}), func(a artifact.Artifact) bool { return a.Name() == own.Name() }) {
		t.Errorf("the image store does not follow %s", own.Name())
	}
}

// needsOf is all that an artifact is made of, directly or not.
func needsOf(a artifact.Artifact) (all []artifact.Artifact) {
	if composite, ok := a.(artifact.Composite); ok {
		for _, need := range composite.Needs() {
			all = append(append(all, need), needsOf(need)...)
		}
	}
	return all
}
