package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"istio-lab/internal/cache"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// startCaches starts the caches that the labs of a class on one host share, and returns the flags by which their nodes ask them. What the
// settings have as mirrors, the caches draw from.
func startCaches(ctx context.Context, class settings.Settings, h dockerHost) ([]string, error) {
	docker, err := h.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer docker.Close()
	upstreams := map[string]string{}
	for _, registry := range cache.Registries {
		upstreams[registry] = cmp.Or(class.Lab.Mirrors[registry], cache.Upstream(registry))
	}
	mirrors, err := cache.Start(ctx, docker, h.address, class.Release.Images[release.Registry], upstreams)
	if err != nil {
		return nil, fmt.Errorf("%w; --caches=false does without", err)
	}
	var flags []string
	for _, registry := range cache.Registries {
		flags = append(flags, mirrorFlag(registry, mirrors[registry]))
	}
	return flags, nil
}

// withoutCaches returns the flags by which the nodes of a lab ask the class's mirrors, if any, where an earlier up has had them ask caches.
func withoutCaches(class settings.Settings, mirrors map[string]string) (flags []string) {
	for _, registry := range cache.Registries {
		if cache.Serves(registry, mirrors[registry]) {
			flags = append(flags, mirrorFlag(registry, class.Lab.Mirrors[registry]))
		}
	}
	return flags
}

// mirrorFlag is the setting of a registry's mirror; without a URL it is that there is none.
func mirrorFlag(registry, url string) string {
	return fmt.Sprintf("--set=mirrors.%s=%s", strings.ReplaceAll(registry, ".", `\.`), url)
}

// inMiB is a number of bytes for a person, in MiB: of what has been drawn, the lab's smallest images are to be seen too.
func inMiB(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// cached are the figures of a cache on a host.
type cached struct {
	Host string `json:"host,omitempty"`
	cache.Figures
}

func (l *lab) classroomCaches() *cobra.Command {
	remove, asJSON, on := false, false, []string{}
	c := &cobra.Command{
		Use: "caches", Short: "Show what the caches of images have drawn and given, or remove them", Args: cobra.NoArgs,
		Long: "Show how much the caches of images have drawn from the registries and given to nodes. With --remove, take them away with all " +
			"that they hold; the next classroom up starts them anew.",
		Example: `  lab classroom caches
  lab classroom caches --remove`,
		RunE: func(c *cobra.Command, _ []string) error {
			hosts, err := parseHosts(c.Context(), on)
			if err != nil {
				return usage{fmt.Errorf("--host: %w", err)}
			}
			all, removed := []cached{}, 0
			for _, h := range hosts {
				docker, err := h.connect(c.Context())
				if err != nil {
					return err
				}
				defer docker.Close()
				if remove {
					n, err := cache.Remove(c.Context(), docker)
					if err != nil {
						return fmt.Errorf("%s: %w", h, err)
					}
					removed += n
					continue
				}
				figures, err := cache.Look(c.Context(), docker, h.address)
				if err != nil {
					return fmt.Errorf("%s: %w", h, err)
				}
				for _, f := range figures {
					all = append(all, cached{h.url, f})
				}
			}
			switch {
			case remove:
				fmt.Fprintf(l.say, "%s removed\n", count(removed, "cache"))
				return nil
			case asJSON:
				return encode(l.out, all)
			}
			table := tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "HOST\tREGISTRY\tDRAWN\tGIVEN TO NODES")
			for _, f := range all {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", dockerHost{url: f.Host}, f.Registry, inMiB(f.Drawn), inMiB(f.Given))
			}
			return table.Flush()
		},
	}
	c.Flags().BoolVar(&remove, "remove", false, "remove them, and what they hold")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringArrayVar(&on, "host", nil, "the host of the caches, as up was told")
	return c
}
