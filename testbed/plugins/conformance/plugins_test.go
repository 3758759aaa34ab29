package conformance

import (
	"strings"
	"testing"

	"istio-lab/testbed/plugins/guard"
)

func TestAPluginStartsWithoutAnEngine(t *testing.T) {
	info, err := open(t, "tls", build(t, "tls")).GetPluginInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Version == nil || !strings.HasSuffix(info.Version.String(), guard.Mark) {
		t.Errorf("its version is %v, without the test bed's mark %s", info.Version, guard.Mark)
	}
}
