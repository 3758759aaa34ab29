// Package own runs the test bed's plugins that are of its own make.
package own

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"

	"istio-lab/testbed/plugins/guard"
)

// Serve runs the plugin pulumi-resource-<name> for the engine, until the engine ends it. Version is that of the official plugin which
// it stands in for. Outside a run on the test bed it refuses, and ends the process with status 1.
func Serve(name, version string, provider p.Provider) {
	if err := guard.Permitted("pulumi-resource-" + name); err != nil {
		fail(err)
	}
	if err := p.RunProvider(context.Background(), name, version+guard.Mark, provider); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
