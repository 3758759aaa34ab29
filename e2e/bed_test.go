//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"istio-lab/components/istio"
	"istio-lab/internal/release"
)

// bed is the setting lab that makes the lab run on the images which this host has: what `testbed up` prints, or a file
// of the person's own.
var bed = sync.OnceValues(func() (map[string]any, error) {
	text, err := bedText()
	if err != nil {
		return nil, err
	}
	settings := map[string]any{}
	if err := json.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("the settings of the test bed are not JSON: %w: %s", err, text)
	}
	return settings, nil
})

func bedText() ([]byte, error) {
	if file := os.Getenv(labVariable); file != "" {
		return os.ReadFile(file)
	}
	return bedUp()
}

// bedUp makes and offers images, and returns the setting lab that the test bed prints.
func bedUp(args ...string) ([]byte, error) {
	c := exec.Command("go", append([]string{"run", "-C", "testbed", ".", "up"}, args...)...)
	c.Dir = project
	var progress bytes.Buffer
	c.Stderr = &progress
	text, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("the test bed does not come up: %w\n%s", err, tail(progress.String()))
	}
	return text, nil
}

// provenRelease is the release whose images the test bed makes, and so the one that the suite proves.
const provenRelease = "current"

// bedFlags are flags of lab with those that make a lab run on the images of this host.
func bedFlags(t testing.TB, flags ...string) []string {
	t.Helper()
	return append([]string{"--release", provenRelease, "--lab-file", labFile(t, nil)}, flags...)
}

// bedRelease is that release, with the images of this host.
func bedRelease(t testing.TB) release.Release {
	t.Helper()
	settings, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	byTag, _ := settings["ignoreImageDigests"].(bool)
	r, err := release.For(provenRelease, release.Overrides{
		Images: stringsOf(settings["images"]), Manifests: stringsOf(settings["manifests"]), IgnoreDigests: byTag,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// labFile writes the setting lab to a file: the bed's, with over merged into it.
func labFile(t testing.TB, over map[string]any) string {
	t.Helper()
	settings, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(istio.Merge(settings, over))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "lab.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
