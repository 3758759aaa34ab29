// Istio-lab is a Pulumi program that builds the labs of Istio in Action, chapters 12 and 14, on kind clusters.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/stacks"
)

func main() {
	var config map[string]string
	pulumi.Run(func(ctx *pulumi.Context) error {
		return stacks.Run(ctx, config, ctx.RootDirectory(), stacks.Listener{})
	}, func(info *pulumi.RunInfo) { config = info.Config })
}
