// Plain is to lab what an empty program is to the lab's: by the Automation API it registers as many components as it is
// told to and nothing else, and so shows what the engine takes for a stack of that size. With kubeconfigs it also
// registers the providers that the lab has, one for each cluster, Docker's and TLS's, and of their resources as many as it
// is told to, each as small as they come: TLS keys, and in each cluster ConfigMaps.
//
//	plain VERB DIRECTORY COMPONENTS [KEYS CONFIGMAPS KUBECONFIG...]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, verb, directory string, args []string) error {
	var counts [3]int
	for i := range min(len(args), len(counts)) {
		var err error
		if counts[i], err = strconv.Atoi(args[i]); err != nil {
			return err
		}
	}
	program := func(ctx *pulumi.Context) error {
		if err := components(ctx, counts[0]); err != nil || len(args) == 1 {
			return err
		}
		return provided(ctx, counts[1], counts[2], args[len(counts):])
	}
	stack, err := auto.UpsertStackInlineSource(ctx, "plain", "plain", program, auto.WorkDir(directory))
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

func components(ctx *pulumi.Context, count int) error {
	for i := range count {
		r := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("istio-lab:e2e:Plain", strconv.Itoa(i), r); err != nil {
			return err
		}
		if err := ctx.RegisterResourceOutputs(r, pulumi.Map{"index": pulumi.Int(i)}); err != nil {
			return err
		}
	}
	return nil
}

func provided(ctx *pulumi.Context, keys, configMaps int, kubeconfigs []string) error {
	if _, err := provide(ctx, "docker", "docker", nil); err != nil {
		return err
	}
	tls, err := provide(ctx, "tls", "tls", nil)
	if err != nil {
		return err
	}
	for i := range keys {
		key := pulumi.Map{"algorithm": pulumi.String("ED25519")}
		if err := resource(ctx, "tls:index/privateKey:PrivateKey", strconv.Itoa(i), key, tls); err != nil {
			return err
		}
	}
	for _, file := range kubeconfigs {
		cluster, err := provide(ctx, "kubernetes", file, pulumi.Map{"kubeconfig": pulumi.String(file)})
		if err != nil {
			return err
		}
		for i := range configMaps {
			configMap := pulumi.Map{
				"apiVersion": pulumi.String("v1"), "kind": pulumi.String("ConfigMap"),
				"metadata": pulumi.Map{"namespace": pulumi.String("default")},
				"data":     pulumi.Map{"index": pulumi.String(strconv.Itoa(i))},
			}
			name := fmt.Sprintf("%s-%d", filepath.Base(file), i)
			if err := resource(ctx, "kubernetes:core/v1:ConfigMap", name, configMap, cluster); err != nil {
				return err
			}
		}
	}
	return nil
}

// provide registers a provider, which makes the engine start and configure its plugin.
func provide(ctx *pulumi.Context, plugin, name string, inputs pulumi.Map) (*pulumi.ProviderResourceState, error) {
	var p struct{ pulumi.ProviderResourceState }
	return &p.ProviderResourceState, ctx.RegisterResource("pulumi:providers:"+plugin, name, inputs, &p)
}

func resource(ctx *pulumi.Context, typ, name string, inputs pulumi.Map, provider pulumi.ProviderResource) error {
	var r struct{ pulumi.CustomResourceState }
	return ctx.RegisterResource(typ, name, inputs, &r, pulumi.Provider(provider))
}
