//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"istio-lab/internal/allot"
	"istio-lab/internal/checks"
	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// manualClient is the container that testdata/manual.sh makes beside its clusters.
const manualClient = "manual-mypc"

// BenchmarkFirstCall goes from an empty host to the first call that webapp in west has catalog in east answer: by lab, and by the
// manual's own steps as a script. Both have the images near, and no add-ons.
func BenchmarkFirstCall(b *testing.B) {
	need(b)
	m := newManual(b)
	s := newStack(b, "e2e-bench", 90)
	off := map[string]any{}
	for _, addon := range settings.Addons(settings.Multicluster) {
		off[addon] = false
	}
	lab, manual := figures{}, figures{}
	for range rounds {
		start := time.Now()
		s.lab(b, "up", "--student=90", "--stage=gateways", "--release="+provenRelease, "--lab-file", labFile(b, map[string]any{"addons": off}))
		if err := poll(b.Context(), time.Minute, func(ctx context.Context) error { return answersCatalog(ctx, s.slot.West) }); err != nil {
			b.Fatal(err)
		}
		lab.add(time.Since(start))
		s.lab(b, "destroy", "--yes")
		manual.add(m.run(b))
		m.remove(b)
	}
	report(b, "empty host to the first call across clusters", lab, manual, "the manual's steps")
}

// answersCatalog objects unless webapp has catalog's answer, asked from this host through the ingress gateway of a cluster.
func answersCatalog(ctx context.Context, c allot.Cluster) error {
	url := fmt.Sprintf("http://127.0.0.1:%d/api/catalog", c.Ports[0].Host)
	status, body, err := checks.Ask(ctx, "webapp.istioinaction.io", url)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answers %d: %q", url, status, body)
	}
	return err
}

// manual is the script, with the images of the bed.
type manual struct {
	arguments, environment []string
}

func newManual(b *testing.B) *manual {
	b.Helper()
	for _, program := range []string{"kubectl", "istioctl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skipf("the manual's steps need %s on PATH", program)
		}
	}
	bed, err := bed()
	if err != nil {
		b.Fatal(err)
	}
	kind, err := buildKind()
	if err != nil {
		b.Fatal(err)
	}
	proven := bedRelease(b)
	metallb, err := manifest.Fetch(b.Context(), proven.Manifests[release.MetalLB])
	if err != nil {
		b.Fatal(err)
	}
	metallbFile := filepath.Join(b.TempDir(), "metallb.yaml")
	if err := os.WriteFile(metallbFile, metallb, 0o600); err != nil {
		b.Fatal(err)
	}
	mirrors := slices.Collect(maps.Values(stringsOf(bed["mirrors"])))
	if len(mirrors) == 0 {
		b.Skip("the manual's steps are compared on the images of a mirror, and the bed has none")
	}
	var env []string
	istiod, _ := bed["istiod"].(map[string]any)
	for name, value := range stringsOf(istiod["env"]) {
		env = append(env, fmt.Sprintf("{name: %s, value: %q}", name, value))
	}
	m := &manual{
		arguments: []string{
			proven.Images[release.Node], proven.Images[release.Client], mirrors[0], metallbFile,
		},
		environment: append(os.Environ(),
			"PATH="+filepath.Dir(kind)+string(filepath.ListSeparator)+os.Getenv("PATH"), "PILOT_ENV="+strings.Join(env, ", "),
			"PILOT_IMAGE="+proven.Images[release.Pilot], "PROXY_IMAGE="+proven.Images[release.Proxy],
		),
	}
	m.remove(b)
	b.Cleanup(func() { m.remove(b) })
	return m
}

// run runs the script, and returns how long it takes.
func (m *manual) run(b *testing.B) time.Duration {
	b.Helper()
	c := exec.CommandContext(b.Context(), filepath.Join(project, "e2e", "testdata", "manual.sh"), m.arguments...)
	c.Dir, c.Env = b.TempDir(), m.environment
	start := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("the manual's steps: %v\n%s", err, tail(string(out)))
	}
	return time.Since(start)
}

// remove takes away what the script has made.
func (m *manual) remove(b *testing.B) {
	b.Helper()
	for _, name := range []string{"manual-west", "manual-east"} {
		kind(b, "delete", "cluster", "--name", name)
	}
	err := mustDocker(b).ContainerRemove(context.Background(), manualClient, container.RemoveOptions{Force: true})
	if err != nil && !errdefs.IsNotFound(err) {
		b.Fatal(err)
	}
}

// stringsOf returns the strings of a decoded object.
func stringsOf(object any) map[string]string {
	all := map[string]string{}
	entries, _ := object.(map[string]any)
	for key, value := range entries {
		if text, ok := value.(string); ok {
			all[key] = text
		}
	}
	return all
}
