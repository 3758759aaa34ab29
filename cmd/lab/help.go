package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"istio-lab/internal/nearest"
)

// help is cobra's command of that name, but that it refuses what is no command.
func help() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND...]", Short: "Tell what lab or a command does, and its flags",
		Long: "Tell what lab or a command does, and its flags, as --help does.",
		Example: `  lab help up
  lab help classroom verify`,
		ValidArgsFunction: commandNames,
		RunE: func(c *cobra.Command, args []string) error {
			of, err := documented(c.Root(), args)
			if err != nil {
				return err
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

// documented is the command of the names, below another one.
func documented(at *cobra.Command, names []string) (*cobra.Command, error) {
	for _, name := range names {
		below := available(at)
		i := slices.IndexFunc(below, func(c *cobra.Command) bool { return c.Name() == name })
		switch {
		case len(below) == 0:
			return nil, usage{fmt.Errorf("%s has no commands below it, and so no %q", at.CommandPath(), name)}
		case i < 0:
			return nil, usage{fmt.Errorf("%s has no command %q%s", at.CommandPath(), name, nearest.Of(name, namesOf(below)))}
		}
		at = below[i]
	}
	return at, nil
}

// commandNames offers the commands below the one that is named so far.
func commandNames(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	at, err := documented(c.Root(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return offer(namesOf(available(at)))(c, args, begun)
}

// available are the commands below one that help lists.
func available(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(c *cobra.Command) bool { return !c.IsAvailableCommand() })
}

func namesOf(commands []*cobra.Command) (names []string) {
	for _, c := range commands {
		names = append(names, c.Name())
	}
	return names
}
