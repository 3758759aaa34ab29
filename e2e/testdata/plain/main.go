// Plain is to lab what an empty program is to the lab's: by the Automation API it registers as many components as it is
// told to and nothing else, and so shows what the engine takes for a stack of that size. With kubeconfigs it also
// registers the providers that the lab has: one for each cluster, Docker's and TLS's.
//
//	plain VERB DIRECTORY COUNT [KUBECONFIG...]
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, verb, directory, count string, kubeconfigs []string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	stack, err := auto.UpsertStackInlineSource(ctx, "plain", "plain", register(n, kubeconfigs), auto.WorkDir(directory))
	if err != nil {
		return err
	}
	if verb == "up" {
		_, err = stack.Up(ctx)
	} else {
		_, err = stack.Preview(ctx, optpreview.ExpectNoChanges())
	}
	return err
}

func register(count int, kubeconfigs []string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		for i := range count {
			r := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource("istio-lab:e2e:Plain", strconv.Itoa(i), r); err != nil {
				return err
			}
			if err := ctx.RegisterResourceOutputs(r, pulumi.Map{"index": pulumi.Int(i)}); err != nil {
				return err
			}
		}
		if len(kubeconfigs) == 0 {
			return nil
		}
		for _, name := range []string{"docker", "tls"} {
			if err := provide(ctx, name, name, nil); err != nil {
				return err
			}
		}
		for _, file := range kubeconfigs {
			if err := provide(ctx, "kubernetes", file, pulumi.Map{"kubeconfig": pulumi.String(file)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// provide registers a provider, which makes the engine start and configure its plugin.
func provide(ctx *pulumi.Context, plugin, name string, inputs pulumi.Map) error {
	var p struct{ pulumi.ProviderResourceState }
	return ctx.RegisterResource("pulumi:providers:"+plugin, name, inputs, &p)
}
