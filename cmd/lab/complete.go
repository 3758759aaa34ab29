package main

import (
	"context"

	"github.com/spf13/cobra"

	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// completion lists what can stand in a place of the command line, for the shell.
type completion = func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// complete has the shell complete what the person writes.
func (l *lab) complete(root *cobra.Command) {
	register := func(c *cobra.Command, flag string, offer completion) {
		if c.Flags().Lookup(flag) == nil && c.PersistentFlags().Lookup(flag) == nil {
			return
		}
		if err := c.RegisterFlagCompletionFunc(flag, offer); err != nil {
			panic(err) // two are registered for one flag
		}
	}
	register(root, "stack", l.stackNames)
	for _, c := range root.Commands() {
		register(c, "scenario", offer([]settings.Scenario{settings.Multicluster, settings.Extension}))
		register(c, "release", offer(release.Names()))
		register(c, "stage", l.stages)
	}
}

// offer offers what is always the same.
func offer[S ~string](names []S) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var texts []string
		for _, name := range names {
			texts = append(texts, string(name))
		}
		return texts, cobra.ShellCompDirectiveNoFileComp
	}
}

// stackNames offers the project's stacks.
func (l *lab) stackNames(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	s, err := findStacks(l.say)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names, err := s.names(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// stages offers those of the scenario that the flag or the stack's settings say.
func (l *lab) stages(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	scenario := settings.Scenario("")
	if name, err := c.Flags().GetString("scenario"); err == nil {
		scenario = settings.Scenario(name)
	}
	if scenario == "" {
		scenario = l.configured(c.Context()).Scenario
	}
	return offer(settings.Stages(scenario))(c, args, begun)
}

// clusterNames offers the clusters of the stack's scenario.
func (l *lab) clusterNames(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, cluster := range l.configured(c.Context()).Clusters() {
		names = append(names, cluster.Name)
	}
	if len(args) > 0 {
		names = nil
	}
	return offer(names)(c, args, begun)
}

// configured are the settings in the stack's file, or the defaults where it has none that will do: good enough to offer names.
func (l *lab) configured(ctx context.Context) settings.Settings {
	if s, err := findStacks(l.say); err == nil {
		if file, err := s.fileConfig(ctx, l.stack); err == nil {
			if parsed, err := settings.Parse(file.values); err == nil {
				return parsed
			}
		}
	}
	defaults, _ := settings.Parse(nil) // which are not refused
	return defaults
}
