package manifest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/internal/manifest"
	"istio-lab/internal/release"
)

const twoObjects = `# a comment
---
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b}
spec: {replicas: 1, template: {spec: {containers: [{name: c, image: d}]}}}
`

func TestDocumentsBecomeObjectsInTheirOrder(t *testing.T) {
	objects, err := manifest.Decode([]byte(twoObjects))
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 2 || objects[0].String("metadata", "name") != "a" || objects[1].String("kind") != "Deployment" {
		t.Errorf("got %v", objects)
	}
	if replicas := objects[1].Int("spec", "replicas"); replicas != 1 {
		t.Errorf("got %d replicas", replicas)
	}
	containers := objects[1].Object("spec", "template", "spec").Objects("containers")
	if len(containers) != 1 || containers[0].String("image") != "d" {
		t.Errorf("got containers %v", containers)
	}
}

func TestWhatIsNotAManifestIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "no Kubernetes object",
		"<html>404</html>":                  "not YAML of Kubernetes objects",
		"a: 1\n":                            "has no apiVersion",
		"apiVersion: v1\nkind: Namespace\n": "has no apiVersion, kind or name",
		"a: [\n":                            "not YAML",
	} {
		if _, err := manifest.Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestACloneSharesNothing(t *testing.T) {
	objects, err := manifest.Decode([]byte(twoObjects))
	if err != nil {
		t.Fatal(err)
	}
	clone := objects[1].Clone()
	clone.Object("spec", "template", "spec").Objects("containers")[0]["image"] = "changed"
	if got := objects[1].Object("spec", "template", "spec").Objects("containers")[0].String("image"); got != "d" {
		t.Errorf("the original's image is %s", got)
	}
}

func TestAPinnedManifestIsDownloadedOnceAndNotBelievedWhenItDiffers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	sum := sha256.Sum256([]byte(twoObjects))
	pinned := hex.EncodeToString(sum[:])
	requests, answer := 0, twoObjects
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	for i := range 2 {
		m := release.Manifest{Location: server.URL, SHA256: pinned}
		if kept := manifest.Kept(m); kept != (i > 0) {
			t.Errorf("before download %d it is kept: %t", i+1, kept)
		}
		if _, err := manifest.Read(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if manifest.Kept(release.Manifest{Location: server.URL}) {
		t.Error("one that is not pinned counts as kept")
	}
	if requests != 1 {
		t.Errorf("it was asked for %d times", requests)
	}
	answer = twoObjects + "# changed\n"
	other := strings.Repeat("0", 64)
	_, err := manifest.Read(t.Context(), release.Manifest{Location: server.URL, SHA256: other})
	if err == nil || !strings.Contains(err.Error(), server.URL) || !strings.Contains(err.Error(), other) {
		t.Errorf("got %v", err)
	}
}

func TestAManifestThatCannotBeReadIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "metallb.yaml")
	if _, err := manifest.Read(t.Context(), release.Manifest{Location: missing}); err == nil ||
		!strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := manifest.Read(t.Context(), release.Manifest{Location: server.URL}); err == nil ||
		!strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), server.URL) {
		t.Errorf("got %v", err)
	}
}

func TestALocalManifestIsReadAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(path, []byte(twoObjects), 0o644); err != nil {
		t.Fatal(err)
	}
	objects, err := manifest.Read(t.Context(), release.Manifest{Location: path})
	if err != nil || len(objects) != 2 {
		t.Errorf("got %d objects, %v", len(objects), err)
	}
}
