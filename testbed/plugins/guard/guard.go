// Package guard keeps the test bed's plugins to the test bed.
package guard

import (
	"fmt"
	"os"
)

// Allow is the variable by which a run on the test bed lets the test bed's plugins start.
const Allow = "ISTIO_LAB_TESTBED_PLUGINS"

// Mark is what a version of the test bed's plugins ends with.
const Mark = "+istio-lab.testbed"

// Permitted says why a plugin, such as pulumi-resource-docker, must not run here, if so.
func Permitted(plugin string) error {
	if os.Getenv(Allow) != "yes" {
		return fmt.Errorf("this %s is equipment of istio-lab's test bed, and knows only what that lab uses: "+
			"install Pulumi's own, or take its folder off PATH; the test bed sets %s=yes", plugin, Allow)
	}
	return nil
}
