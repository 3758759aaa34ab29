package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	"github.com/spf13/cobra"

	"istio-lab/internal/owner"
	"istio-lab/internal/preflight"
	"istio-lab/stacks"
)

// listed is a stack of the backend, or one of another project's that Docker has containers of.
type listed struct {
	Stack string `json:"stack"`
	// Origin is user@host:directory of another project; empty for one of this.
	Origin string `json:"origin,omitempty"`
	// Settings are the stack's; Refused says why they are none. Another project's has but a student number.
	Settings *labSettings `json:"settings,omitempty"`
	Refused  string       `json:"refused,omitempty"`
	Student  int          `json:"student"`
	// Running and Stopped count the stack's containers.
	Running int `json:"running"`
	Stopped int `json:"stopped"`
}

func (l *lab) list() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "list", Short: "List the stacks, and the student numbers that others hold", Args: cobra.NoArgs,
		Long: "List the stacks of this project with what their settings say, and the labs of other projects that Docker has containers of: " +
			"their student numbers are taken.",
		Example: `  lab list
  lab list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			s, err := openWorkspace(ctx, l.say, l.abandon)
			if err != nil {
				return err
			}
			names, err := s.names(ctx)
			if err != nil {
				return err
			}
			all := []listed{}
			for _, name := range names {
				one := listed{Stack: name}
				if file, err := s.fileConfig(ctx, name); err != nil {
					one.Refused = err.Error()
				} else if one.Settings, one.Refused = readSettings(file.values); one.Settings != nil {
					one.Student = one.Settings.Student
				}
				all = append(all, one)
			}
			if all, err = s.inDocker(ctx, all); err != nil {
				fmt.Fprintf(l.say, "warning: which containers there are is not to be seen: %v\n", err)
			}
			if asJSON {
				return encode(l.out, all)
			}
			return printList(l.results(), all)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// names are those of the project's stacks.
func (s *stack) names(ctx context.Context) (names []string, err error) {
	if files, ok := s.stateFiles(); ok {
		return files.Stacks()
	}
	ws, err := s.workspace(ctx)
	if err != nil {
		return nil, err
	}
	all, err := ws.ListStacks(ctx)
	for _, one := range all {
		names = append(names, one.Name)
	}
	return names, plain(err)
}

// inDocker counts the stacks' containers, and adds the stacks of others: on the engine that the environment names, and on those that the
// stacks' settings name.
func (s *stack) inDocker(ctx context.Context, all []listed) ([]listed, error) {
	hosts := []string{""}
	for _, one := range all {
		if one.Settings != nil {
			hosts = append(hosts, one.Settings.DockerHost)
		}
	}
	slices.Sort(hosts)
	var problems []error
	found := map[string]container.Summary{} // by ID: two URLs may lead to one engine
	for _, host := range slices.Compact(hosts) {
		containers, err := labsOn(ctx, host)
		problems = append(problems, err)
		for _, c := range containers {
			found[c.ID] = c
		}
	}
	return attribute(slices.Collect(maps.Values(found)), stacks.Origin(s.project), all), errors.Join(problems...)
}

// labsOn are the containers of all labs on the engine at a URL, or on the one that the environment names.
func labsOn(ctx context.Context, dockerHost string) ([]container.Summary, error) {
	docker, err := preflight.Connect(ctx, dockerHost)
	if err != nil {
		return nil, err
	}
	defer docker.Close()
	return ofLabs(ctx, docker)
}

// ofLabs are the containers of all labs on the engine, whether they run or not.
func ofLabs(ctx context.Context, docker *client.Client) ([]container.Summary, error) {
	labelled := filters.NewArgs(filters.Arg("label", owner.StackLabel))
	all, err := docker.ContainerList(ctx, container.ListOptions{All: true, Filters: labelled})
	if err != nil {
		return nil, fmt.Errorf("list Docker's containers: %w", err)
	}
	return all, nil
}

// stackOf is the name of a container's stack, without organization and project.
func stackOf(c container.Summary) string {
	name := c.Labels[owner.StackLabel]
	return name[strings.LastIndex(name, "/")+1:]
}

// attribute counts containers with the stacks that their labels name. Here is the origin of this project's.
func attribute(containers []container.Summary, here string, all []listed) []listed {
	for _, c := range containers {
		name, origin := c.Labels[owner.StackLabel], c.Labels[owner.OriginLabel]
		if origin == here {
			name, origin = stackOf(c), ""
		}
		i := slices.IndexFunc(all, func(l listed) bool { return l.Stack == name && l.Origin == origin })
		if i < 0 {
			i = len(all)
			all = append(all, listed{Stack: name, Origin: origin})
			all[i].Student, _ = strconv.Atoi(c.Labels[owner.StudentLabel]) // the program writes a number
		}
		if c.State == container.StateRunning {
			all[i].Running++
		} else {
			all[i].Stopped++
		}
	}
	return all
}

func printList(out io.Writer, all []listed) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "there are no stacks; `lab up` makes one")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STACK\tSTUDENT\tLAB\tCONTAINERS")
	for _, l := range all {
		of := fmt.Sprintf("settings refused: `lab status --stack %s` says why", l.Stack)
		switch {
		case l.Origin != "":
			of = "of " + l.Origin
		case l.Settings != nil:
			of = fmt.Sprintf("%s up to %s, %s", l.Settings.Scenario, l.Settings.Stage, l.Settings.Versions)
		}
		containers := "none"
		if l.Running+l.Stopped > 0 {
			containers = fmt.Sprintf("%d running", l.Running)
		}
		if l.Stopped > 0 {
			containers += fmt.Sprintf(", %d stopped", l.Stopped)
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", l.Stack, l.Student, of, containers)
	}
	return table.Flush()
}
