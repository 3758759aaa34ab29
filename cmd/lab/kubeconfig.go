package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"istio-lab/internal/allot"
	"istio-lab/internal/kubeconfig"
	"istio-lab/internal/settings"
)

func (l *lab) kubeconfig() *cobra.Command {
	internal, merge := false, false
	c := &cobra.Command{
		Use: "kubeconfig [CLUSTER]", Short: "Print the kubeconfig of a cluster, or merge those of all into your own",
		Long: "Print the kubeconfig of a cluster. With --merge, put the contexts of the named cluster, or of all, into the file that " +
			"KUBECONFIG names or ~/.kube/config, under the names that kind gives them. up has them follow clusters that it makes anew, and " +
			"destroy takes them out again.",
		Example: `  lab kubeconfig --merge
  # a file of its own
  lab kubeconfig west > west-kubeconfig`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: l.clusterNames,
		RunE: func(c *cobra.Command, args []string) error {
			if of := l.configured(c.Context()).Clusters(); len(args) == 0 && !merge && len(of) > 1 {
				return usage{fmt.Errorf("name a cluster, as in `lab kubeconfig %s`; or merge all of them: `lab kubeconfig --merge`", of[0].Name)}
			}
			s, err := openStack(c.Context(), l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			parsed, err := s.settings(l.stack)
			if err != nil {
				return err
			}
			switch existing := parsed.OnExisting(); {
			case existing && internal:
				return usage{errors.New("--internal is for clusters that the lab makes, on their Docker network")}
			case existing && merge:
				for _, cluster := range parsed.Clusters() {
					fmt.Fprintf(l.say, "%s is there already: kubectl %s\n", cluster.Name, parsed.Existing(cluster).Options())
				}
				return nil
			}
			values, err := s.outputs(c.Context(), true)
			if err != nil {
				return err
			}
			names := args
			if len(names) == 0 {
				there := clustersOf(values)
				for _, cluster := range parsed.Clusters() { // the manual's first one becomes current
					if slices.Contains(there, cluster.Name) {
						names = append(names, cluster.Name)
					}
				}
			}
			var texts []string
			for _, name := range names {
				text, err := clusterKubeconfig(values, name, internal)
				if err != nil {
					return misnamed(err, values)
				}
				texts = append(texts, text)
			}
			if len(texts) == 0 {
				return errors.New("the stack has no clusters; run `lab up` first")
			}
			if !merge {
				fmt.Fprint(l.out, texts[0])
				return nil
			}
			return kubeconfig.Merge(texts, l.say)
		},
	}
	c.Flags().BoolVar(&internal, "internal", false, "for a container on the lab's Docker network, such as mypc")
	c.Flags().BoolVar(&merge, "merge", false, "put it into your own kubeconfig")
	return c
}

// clustersOf names the clusters of a stack's outputs.
func clustersOf(values map[string]any) []string {
	clusters, _ := values["clusters"].(map[string]any)
	return slices.Sorted(maps.Keys(clusters))
}

// inOrder sorts the names of clusters as the manual has those of the settings; others come last.
func inOrder(names []string, s settings.Settings) []string {
	place := func(name string) int {
		i := slices.IndexFunc(s.Clusters(), func(c allot.Cluster) bool { return c.Name == name })
		if i < 0 {
			return len(names)
		}
		return i
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	return names
}

// clusterKubeconfig returns the kubeconfig of a cluster, by its name or the manual's name for it, from the outputs with their secrets.
func clusterKubeconfig(values map[string]any, cluster string, internal bool) (string, error) {
	clusters, _ := values["clusters"].(map[string]any)
	for name, c := range clusters {
		if name != cluster && !strings.HasPrefix(name, cluster+"-") {
			continue
		}
		key := "kubeconfig"
		if internal {
			key = "internalKubeconfig"
		}
		properties, _ := c.(map[string]any)
		if text, ok := properties[key].(string); ok {
			return text, nil
		}
	}
	return "", fmt.Errorf("there is no cluster %q%s", cluster, choice(cluster, clusters))
}

// merged are the kubeconfigs of the stack's clusters that are in the user's own.
func (s *stack) merged(ctx context.Context) ([]string, error) {
	parsed, err := settings.Parse(s.config)
	if err != nil || parsed.OnExisting() {
		return nil, nil // what was built of other settings is not known; a user's own clusters were not put in
	}
	return kubeconfig.Merged(func() ([]string, error) { return s.kubeconfigs(ctx) })
}

// kubeconfigs are those of the stack's clusters.
func (s *stack) kubeconfigs(ctx context.Context) (texts []string, err error) {
	values, err := s.outputs(ctx, true)
	if err != nil {
		return nil, err
	}
	names := clustersOf(values)
	if parsed, err := settings.Parse(s.config); err == nil {
		names = inOrder(names, parsed)
	}
	for _, name := range names {
		text, err := clusterKubeconfig(values, name, false)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// renew updates the user's kubeconfig, if the stack's clusters were merged into it, after an update, which may have failed.
func (l *lab) renew(ctx context.Context, s *stack, merged []string) {
	if len(merged) == 0 {
		return
	}
	now, err := s.kubeconfigs(context.WithoutCancel(ctx)) // an interrupted update has changed clusters, too
	if err == nil {
		err = kubeconfig.Update(merged, now, l.say)
	}
	if err != nil {
		fmt.Fprintf(l.say, "warning: the lab's clusters in your kubeconfig are as they were: %v; `lab kubeconfig --merge` puts in those of now\n", err)
	}
}
