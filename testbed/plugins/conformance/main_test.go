package conformance

import (
	"os"
	"testing"

	"istio-lab/testbed/plugins/guard"
)

// TestMain lets the test bed's plugins start.
func TestMain(m *testing.M) {
	os.Setenv(guard.Allow, "yes")
	m.Run()
}
