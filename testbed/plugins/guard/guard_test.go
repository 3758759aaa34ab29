package guard

import (
	"strings"
	"testing"
)

func TestOutsideTheTestBedThePluginIsRefused(t *testing.T) {
	for _, value := range []string{"", "no"} {
		t.Setenv(Allow, value)
		if err := Permitted("pulumi-resource-tls"); err == nil || !strings.Contains(err.Error(), "pulumi-resource-tls") {
			t.Errorf("%s=%q: got %v", Allow, value, err)
		}
	}
	t.Setenv(Allow, "yes")
	if err := Permitted("pulumi-resource-tls"); err != nil {
		t.Error(err)
	}
}
