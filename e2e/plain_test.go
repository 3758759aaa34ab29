//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"istio-lab/internal/settings"
)

// TestAStudentsStackByPlainPulumi makes a stack of its own for a student, previews, builds, changes, refreshes and destroys it, by pulumi
// alone.
func TestAStudentsStackByPlainPulumi(t *testing.T) {
	parallel(t, 1, 2*time.Minute)
	s := newStack(t, "e2e-plain", 97)
	images, err := bed()
	if err != nil {
		t.Fatal(err)
	}
	// The file of a stack's settings is YAML, which JSON is as well.
	file, err := json.Marshal(map[string]any{"config": map[string]any{
		"istio-lab:student": s.student, "istio-lab:scenario": settings.Extension, "istio-lab:stage": settings.Cluster,
		"istio-lab:release": provenRelease, "istio-lab:lab": images,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.configFile(), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s.pulumi(t, "stack", "init")
	s.pulumi(t, "preview")
	nothingLeft(t, s, "made by a preview")
	s.pulumi(t, "up", "--yes", "--skip-preview")
	s.sound(t)
	s.pulumi(t, "config", "set", "istio-lab:stage", string(settings.Mesh))
	s.pulumi(t, "up", "--yes")
	s.sound(t)
	s.pulumi(t, "refresh", "--yes", "--skip-preview", "--expect-no-changes")
	s.unchangedForPulumi(t)
	s.pulumi(t, "destroy", "--yes")
	nothingLeft(t, s, "left by destroy")
	s.pulumi(t, "stack", "rm", "--yes")
}
