package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"istio-lab/internal/cache"
	"istio-lab/internal/preflight"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// startCaches starts the caches that the labs of a class share, and returns the flags by which their nodes ask them. What the settings
// have as mirrors, the caches draw from.
func startCaches(ctx context.Context, config map[string]string) ([]string, error) {
	parsed, err := settings.Parse(config)
	if err != nil {
		return nil, err
	}
	docker, err := preflight.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer docker.Close()
	upstreams := map[string]string{}
	for _, host := range cache.Registries {
		upstreams[host] = cmp.Or(parsed.Lab.Mirrors[host], cache.Upstream(host))
	}
	mirrors, err := cache.Start(ctx, docker, parsed.Release.Images[release.Registry], upstreams)
	if err != nil {
		return nil, err
	}
	var flags []string
	for _, host := range cache.Registries {
		flags = append(flags, fmt.Sprintf("--set=mirrors.%s=%s", strings.ReplaceAll(host, ".", `\.`), mirrors[host]))
	}
	return flags, nil
}

func (l *lab) classroomCaches() *cobra.Command {
	remove, asJSON := false, false
	c := &cobra.Command{
		Use: "caches", Short: "Show what the caches of images have drawn and given, or remove them", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			docker, err := preflight.Connect(c.Context())
			if err != nil {
				return err
			}
			defer docker.Close()
			if remove {
				n, err := cache.Remove(c.Context(), docker)
				fmt.Fprintf(l.say, "%s removed\n", count(n, "cache"))
				return err
			}
			all, err := cache.Look(c.Context(), docker)
			if err != nil {
				return err
			}
			if asJSON {
				return encode(l.out, all)
			}
			table := tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "REGISTRY\tDRAWN\tGIVEN TO NODES")
			for _, f := range all {
				fmt.Fprintf(table, "%s\t%s\t%s\n", f.Registry, preflight.InGiB(f.Drawn), preflight.InGiB(f.Given))
			}
			return table.Flush()
		},
	}
	c.Flags().BoolVar(&remove, "remove", false, "remove them, and what they hold")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
