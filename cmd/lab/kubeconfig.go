package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"istio-lab/internal/settings"
)

func (l *lab) kubeconfig() *cobra.Command {
	internal, merge := false, false
	c := &cobra.Command{
		Use: "kubeconfig [CLUSTER]", Short: "Print the kubeconfig of a cluster, or merge those of all into your own",
		Long: "Print the kubeconfig of a cluster. With --merge, put the contexts of the named cluster, or of all, into the file that " +
			"KUBECONFIG names or ~/.kube/config, under the names that kind gives them; destroy takes them out again.",
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
				fmt.Fprintln(l.say, "the contexts of lab.clusters are in your kubeconfig already")
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
				text, err := kubeconfig(values, name, internal)
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
			return mergeKubeconfigs(clientcmd.NewDefaultPathOptions(), texts, l.say)
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

// kubeconfig returns the kubeconfig of a cluster, by its name or the manual's name for it, from the outputs with their secrets.
func kubeconfig(values map[string]any, cluster string, internal bool) (string, error) {
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

// mergeKubeconfigs puts what kubeconfigs say into the person's, and makes the first one's context the current one, as kind does.
func mergeKubeconfigs(access clientcmd.ConfigAccess, texts []string, say io.Writer) error {
	all, err := access.GetStartingConfig()
	if err != nil {
		return fmt.Errorf("read your kubeconfig: %w", err)
	}
	current := ""
	for _, text := range texts {
		one, err := clientcmd.Load([]byte(text))
		if err != nil {
			return err
		}
		maps.Copy(all.Clusters, one.Clusters)
		maps.Copy(all.AuthInfos, one.AuthInfos)
		maps.Copy(all.Contexts, one.Contexts)
		if current == "" {
			current = one.CurrentContext
		}
		fmt.Fprintf(say, "%s: context %s\n", access.GetDefaultFilename(), one.CurrentContext)
	}
	all.CurrentContext = current
	fmt.Fprintf(say, "the current context is %s\n", current)
	return clientcmd.ModifyConfig(access, *all, false)
}

// dropKubeconfigs takes out of the person's kubeconfig what mergeKubeconfigs put in, and leaves what has changed since.
func dropKubeconfigs(access clientcmd.ConfigAccess, texts []string) error {
	all, err := access.GetStartingConfig()
	if err != nil {
		return fmt.Errorf("read your kubeconfig: %w", err)
	}
	dropped := false
	for _, text := range texts {
		one, err := clientcmd.Load([]byte(text))
		if err != nil {
			return err
		}
		name := one.CurrentContext
		if !sameCluster(all.Clusters[name], one.Clusters[name]) {
			continue
		}
		delete(all.Clusters, name)
		delete(all.AuthInfos, name)
		delete(all.Contexts, name)
		if all.CurrentContext == name {
			all.CurrentContext = ""
		}
		dropped = true
	}
	if !dropped {
		return nil
	}
	return clientcmd.ModifyConfig(access, *all, false)
}

// sameCluster says whether two entries are of one cluster, and not of two that had the name one after the other.
func sameCluster(a, b *api.Cluster) bool {
	return a != nil && b != nil && bytes.Equal(a.CertificateAuthorityData, b.CertificateAuthorityData)
}

// merged are the kubeconfigs of the stack that may be in the person's own: the engine is asked for them only if a context there has such
// a name.
func (s *stack) merged(ctx context.Context) (texts []string, err error) {
	parsed, err := settings.Parse(s.config)
	if err != nil || parsed.OnExisting() {
		return nil, nil // what was built of other settings is not known; a person's own clusters were not put in
	}
	all, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
	if err != nil {
		return nil, nil // it is not lab's to mend
	}
	for _, cluster := range parsed.Clusters() {
		if all.Contexts[contextOf(cluster.Name)] == nil {
			continue
		}
		values, err := s.outputs(ctx, true)
		if err != nil {
			return nil, err
		}
		if text, err := kubeconfig(values, cluster.Name, false); err == nil { // otherwise it is another's
			texts = append(texts, text)
		}
	}
	return texts, nil
}

// contextOf is the context by which kubectl knows a cluster: the one that kind gives it.
func contextOf(cluster string) string { return "kind-" + cluster }
