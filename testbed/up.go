package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/engine"
	"istio-lab/testbed/internal/machine"
	"istio-lab/testbed/internal/recipe"
)

const (
	registryContainer = "istio-lab-testbed-registry"
	registryPort      = 5000
)

func up(ctx context.Context, b *bed, args []string) error {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	release := releaseFlag(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("up takes no arguments, got %q", flags.Args())
	}
	cache := b.cache()
	unlock, err := cache.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.makeMissing(ctx, cache, imageParts(string(*release))...); err != nil {
		return err
	}
	document, err := b.offerImages(ctx, cache, string(*release))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, string(document))
	return err
}

// imageParts are what the images of a release are made of, and the tools that are made of the same.
func imageParts(release string) []artifact.Artifact {
	parts := layers(recipe.All(release))
	if release != recipe.Release {
		return parts
	}
	for _, tool := range recipe.Tools() {
		parts = append(parts, tool)
	}
	return parts
}

// offerImages gives the images of a release to those who need them, and returns the lab's settings. Of the release that is made unless
// another is asked for, it writes them down for lab as well.
func (b *bed) offerImages(ctx context.Context, cache *artifact.Cache, release string) ([]byte, error) {
	var registry string
	for _, r := range recipe.All(release) {
		image, err := r.Image.Assemble(ctx, cache)
		if err != nil {
			return nil, err
		}
		if r.Place.Has(recipe.Engine) {
			if err := b.load(ctx, r.Image.Ref, image); err != nil {
				return nil, err
			}
		}
		if r.Place.Has(recipe.Registry) {
			if registry == "" {
				if registry, err = b.serve(ctx); err != nil {
					return nil, err
				}
			}
			if err := b.push(ctx, registry, r.Image.Ref, image); err != nil {
				return nil, err
			}
		}
	}
	var manifests []string
	for _, file := range recipe.Manifests(release) {
		dir, err := cache.Get(ctx, file)
		if err != nil {
			return nil, err
		}
		kept, err := keepManifest(filepath.Join(dir, filepath.Base(file.Path)))
		if err != nil {
			return nil, err
		}
		manifests = append(manifests, kept)
	}
	without, err := machine.LacksSysResource()
	if err != nil {
		return nil, err
	}
	settings, err := json.MarshalIndent(newSettings(registry, without), "", "  ")
	if err != nil {
		return nil, err
	}
	if release != recipe.Release {
		return settings, nil
	}
	tools := map[string]program{}
	for _, tool := range recipe.Tools() {
		dir, err := cache.Get(ctx, tool)
		if err != nil {
			return nil, err
		}
		tools[tool.Program] = program{tool.Version, filepath.Join(dir, tool.Program)}
	}
	file, err := keepSettings(settings)
	if err != nil {
		return nil, err
	}
	return settings, b.remember(func(r *record) {
		maps.Copy(r.Programs, tools)
		r.LabFile, r.Files, r.Release = file, slices.Sorted(slices.Values(manifests)), release
	})
}

// serve runs the registry, unless it runs already, and returns its address.
func (b *bed) serve(ctx context.Context) (string, error) {
	host, err := engine.HostAddress(ctx)
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("%s:%d", host, registryPort)
	want, err := engine.Run(ctx, "image", "inspect", "--format", "{{.Id}} true", recipe.RegistryImage)
	if err != nil {
		return "", err
	}
	found, err := engine.Run(ctx, "container", "inspect", "--format", "{{.Image}} {{.State.Running}}", registryContainer)
	if err != nil || found != want {
		if err == nil {
			if _, err := engine.Run(ctx, "rm", "--force", "--volumes", registryContainer); err != nil {
				return "", err
			}
		}
		// The host's network, but no more of it than the address that containers reach.
		if _, err := engine.Run(ctx, "run", "--detach", "--name", registryContainer, "--network", "host",
			"--restart", "unless-stopped", "--env", "REGISTRY_HTTP_ADDR="+address, recipe.RegistryImage); err != nil {
			return "", err
		}
		b.say("%s listens on %s", registryContainer, address)
	}
	return address, await(ctx, "http://"+address+"/v2/")
}

// await waits until the registry answers.
func await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		response, err := http.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nothing answers at %s; see docker logs %s", url, registryContainer)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// load gives the engine an image that it needs itself.
func (b *bed) load(ctx context.Context, ref string, image v1.Image) error {
	loaded, err := engine.Load(ctx, ref, image)
	if loaded {
		b.say("the engine has %s now", ref)
	}
	return err
}

// push puts an image of nodes into the registry, under its name without the host: the mirror of every host is the same.
func (b *bed) push(ctx context.Context, registry, ref string, image v1.Image) error {
	source, err := name.NewTag(ref)
	if err != nil {
		return err
	}
	target, err := name.NewTag(registry+"/"+source.RepositoryStr()+":"+source.TagStr(), name.Insecure)
	if err != nil {
		return err
	}
	want, err := image.Digest()
	if err != nil {
		return err
	}
	if there, err := remote.Head(target, remote.WithContext(ctx)); err == nil && there.Digest == want {
		return nil
	}
	if err := remote.Write(target, image, remote.WithContext(ctx)); err != nil {
		return fmt.Errorf("pushing %s: %w", target, err)
	}
	b.say("the registry has %s now", ref)
	return nil
}

func down(ctx context.Context, b *bed, args []string) error {
	if err := noArguments("down", args); err != nil {
		return err
	}
	if err := b.remember((*record).forgetImages); err != nil {
		return err
	}
	found, err := engine.Run(ctx, "ps", "--all", "--quiet", "--filter", "name=^/"+registryContainer+"$")
	if err != nil || found == "" {
		return err
	}
	if _, err := engine.Run(ctx, "rm", "--force", "--volumes", registryContainer); err != nil {
		return err
	}
	b.say("%s is gone", registryContainer)
	return nil
}
