// Istio-lab is a Pulumi program that builds the labs of Istio in Action, chapters 12 and 14, on kind clusters.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

func main() {
	var told pulumi.RunInfo
	pulumi.Run(func(ctx *pulumi.Context) error {
		if err := settings.RefuseSecrets(told.ConfigSecretKeys); err != nil {
			return err
		}
		return stacks.Run(ctx, told.Config, ctx.RootDirectory(), stacks.Listener{})
	}, func(info *pulumi.RunInfo) { told = *info })
}
