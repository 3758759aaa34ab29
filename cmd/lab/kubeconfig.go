package main

import (
	"bytes"
	"cmp"
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

	"istio-lab/internal/allot"
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
	all, err := load(texts)
	if err != nil {
		return err
	}
	return changeKubeconfig(access, say, func(own *api.Config) []*api.Config {
		for _, one := range all {
			put(own, one, fileOf(own, one))
		}
		own.CurrentContext = all[0].CurrentContext
		return all
	})
}

// renewKubeconfigs has the clusters that were merged into the person's kubeconfig follow the lab's as they are now: one that has another
// address, was made anew or has another student's number, and all of them where the scenario has other clusters. Which one is current stays,
// or is the first of the other scenario's.
func renewKubeconfigs(access clientcmd.ConfigAccess, merged, now []string, say io.Writer) error {
	were, err := load(merged)
	if err != nil {
		return err
	}
	are, err := load(now)
	if err != nil {
		return err
	}
	return changeKubeconfig(access, say, func(own *api.Config) (followers []*api.Config) {
		before := own.DeepCopy()
		for _, was := range were {
			file := fileOf(own, was)
			if !drop(own, was) {
				continue
			}
			next := are
			if i := slices.IndexFunc(are, func(is *api.Config) bool { return manual(is) == manual(was) }); i >= 0 {
				next = are[i : i+1]
			}
			for _, is := range next {
				if slices.Contains(followers, is) || own.Clusters[is.CurrentContext] != nil {
					continue // put in already, or the person's own
				}
				put(own, is, file)
				followers = append(followers, is)
			}
			if before.CurrentContext == was.CurrentContext && len(next) > 0 && slices.Contains(followers, next[0]) {
				own.CurrentContext = next[0].CurrentContext
			}
		}
		if sameText(before, own) {
			return nil
		}
		return followers
	})
}

// dropKubeconfigs takes out of the person's kubeconfig what mergeKubeconfigs put in, and leaves what has changed since.
func dropKubeconfigs(access clientcmd.ConfigAccess, texts []string) error {
	all, err := load(texts)
	if err != nil || len(all) == 0 {
		return err
	}
	return changeKubeconfig(access, io.Discard, func(own *api.Config) []*api.Config {
		for _, one := range all {
			drop(own, one)
		}
		return nil
	})
}

// changeKubeconfig changes the person's kubeconfig, and says which clusters the change has put in.
func changeKubeconfig(access clientcmd.ConfigAccess, say io.Writer, change func(own *api.Config) []*api.Config) error {
	own, err := access.GetStartingConfig()
	if err != nil {
		return fmt.Errorf("read your kubeconfig: %w", err)
	}
	put := change(own)
	if err := clientcmd.ModifyConfig(access, *own, false); err != nil {
		return fmt.Errorf("write your kubeconfig: %w", err)
	}
	for _, one := range put {
		fmt.Fprintf(say, "%s: context %s\n", access.GetDefaultFilename(), one.CurrentContext)
	}
	if len(put) > 0 {
		fmt.Fprintf(say, "the current context is %s\n", own.CurrentContext)
	}
	return nil
}

func load(texts []string) (all []*api.Config, err error) {
	for _, text := range texts {
		one, err := clientcmd.Load([]byte(text))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// put adds what the kubeconfig of a cluster says. It is written to a file, or without one to the first that there is.
func put(own, one *api.Config, file string) {
	name := one.CurrentContext
	cluster, user, context := one.Clusters[name].DeepCopy(), one.AuthInfos[name].DeepCopy(), one.Contexts[name].DeepCopy()
	cluster.LocationOfOrigin, user.LocationOfOrigin, context.LocationOfOrigin = file, file, file
	own.Clusters[name], own.AuthInfos[name], own.Contexts[name] = cluster, user, context
}

// fileOf is where the person has the cluster of a kubeconfig, if they have one of its name.
func fileOf(own, one *api.Config) string {
	if has := own.Clusters[one.CurrentContext]; has != nil {
		return has.LocationOfOrigin
	}
	return ""
}

// drop removes what put has added; false where that is not there, or another cluster's.
func drop(own, one *api.Config) bool {
	name := one.CurrentContext
	if !sameCluster(own.Clusters[name], one.Clusters[name]) {
		return false
	}
	delete(own.Clusters, name)
	delete(own.AuthInfos, name)
	delete(own.Contexts, name)
	if own.CurrentContext == name {
		own.CurrentContext = ""
	}
	return true
}

// sameText says whether two kubeconfigs are written alike, whatever files they were read from.
func sameText(a, b *api.Config) bool {
	one, err := clientcmd.Write(*a)
	other, wrong := clientcmd.Write(*b)
	return err == nil && wrong == nil && bytes.Equal(one, other)
}

// manual is the manual's name for the cluster of a kubeconfig, without the student's number.
func manual(one *api.Config) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(one.CurrentContext, contextOf("")), "-")
	return name
}

// sameCluster says whether two entries are of one cluster, and not of two that had the name one after the other.
func sameCluster(a, b *api.Cluster) bool {
	return a != nil && b != nil && bytes.Equal(a.CertificateAuthorityData, b.CertificateAuthorityData)
}

// merged are the kubeconfigs of the stack's clusters that are in the person's own. The engine is asked for them only if that has contexts
// such as kind's.
func (s *stack) merged(ctx context.Context) (texts []string, err error) {
	parsed, err := settings.Parse(s.config)
	if err != nil || parsed.OnExisting() {
		return nil, nil // what was built of other settings is not known; a person's own clusters were not put in
	}
	own, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
	if err != nil {
		return nil, nil // it is not lab's to mend
	}
	asKind := func(name string) bool { return strings.HasPrefix(name, contextOf("")) }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(own.Contexts)), asKind) {
		return nil, nil
	}
	texts, err = s.kubeconfigs(ctx)
	return slices.DeleteFunc(texts, func(text string) bool {
		one, err := clientcmd.Load([]byte(text))
		return err != nil || !sameCluster(own.Clusters[one.CurrentContext], one.Clusters[one.CurrentContext])
	}), err
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
		text, err := kubeconfig(values, name, false)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// renew has what was merged into the person's kubeconfig follow the stack's clusters after an update, which may have failed.
func (l *lab) renew(ctx context.Context, s *stack, merged []string) {
	if len(merged) == 0 {
		return
	}
	now, err := s.kubeconfigs(context.WithoutCancel(ctx)) // an interrupted update has changed clusters, too
	if err == nil {
		err = renewKubeconfigs(clientcmd.NewDefaultPathOptions(), merged, now, l.say)
	}
	if err != nil {
		fmt.Fprintf(l.say, "warning: the lab's clusters in your kubeconfig are as they were: %v; `lab kubeconfig --merge` puts in those of now\n", err)
	}
}

// contextOf is the context by which kubectl knows a cluster: the one that kind gives it.
func contextOf(cluster string) string { return "kind-" + cluster }
