package kubeconfig

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// contextPrefix is what kind puts before a cluster's name to make the name of its context.
const contextPrefix = "kind-"

// ContextName is the name of a cluster's context in the user's kubeconfig: the one that kind would give it.
func ContextName(cluster string) string { return contextPrefix + cluster }

// Merge puts the contexts of kubeconfigs, each of one cluster, into the user's kubeconfig: the files that KUBECONFIG names, or
// ~/.kube/config. The first one's context becomes the current one, as with kind. Each context that was written is reported to out.
func Merge(texts []string, out io.Writer) error {
	all, err := load(texts)
	if err != nil {
		return err
	}
	return change(out, func(config *api.Config) []*api.Config {
		for _, one := range all {
			put(config, one, fileOf(config, one))
		}
		config.CurrentContext = all[0].CurrentContext
		return all
	})
}

// Update replaces the contexts that Merge has put into the user's kubeconfig by those of the clusters as they are now: a cluster
// may have another address, may have been recreated, or may have another student's number; where the scenario has changed, there are
// other clusters. The current context stays; if its cluster has gone, the first new one becomes current.
func Update(merged, now []string, out io.Writer) error {
	old, err := load(merged)
	if err != nil {
		return err
	}
	new, err := load(now)
	if err != nil {
		return err
	}
	return change(out, func(config *api.Config) (written []*api.Config) {
		before := config.DeepCopy()
		for _, was := range old {
			file := fileOf(config, was)
			if !remove(config, was) {
				continue
			}
			next := new
			if i := slices.IndexFunc(new, func(is *api.Config) bool { return clusterName(is) == clusterName(was) }); i >= 0 {
				next = new[i : i+1]
			}
			for _, is := range next {
				if slices.Contains(written, is) || config.Clusters[is.CurrentContext] != nil {
					continue // written already, or the user's own
				}
				put(config, is, file)
				written = append(written, is)
			}
			if before.CurrentContext == was.CurrentContext && len(next) > 0 && slices.Contains(written, next[0]) {
				config.CurrentContext = next[0].CurrentContext
			}
		}
		if sameText(before, config) {
			return nil
		}
		return written
	})
}

// Remove removes from the user's kubeconfig what Merge has put in, except what has changed since.
func Remove(texts []string) error {
	all, err := load(texts)
	if err != nil || len(all) == 0 {
		return err
	}
	return change(io.Discard, func(config *api.Config) []*api.Config {
		for _, one := range all {
			remove(config, one)
		}
		return nil
	})
}

// Merged returns those of the clusters' kubeconfigs that Merge has put into the user's. It asks for the clusters' only if the user's has contexts
// with names such as kind gives them. A user's kubeconfig that cannot be read has none; Merge and Remove report it.
func Merged(ask func() ([]string, error)) ([]string, error) {
	config, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
	if err != nil {
		return nil, nil
	}
	asKind := func(name string) bool { return strings.HasPrefix(name, contextPrefix) }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(config.Contexts)), asKind) {
		return nil, nil
	}
	texts, err := ask()
	return slices.DeleteFunc(texts, func(text string) bool {
		one, err := clientcmd.Load([]byte(text))
		return err != nil || !sameCluster(config.Clusters[one.CurrentContext], one.Clusters[one.CurrentContext])
	}), err
}

// change changes the user's kubeconfig under its lock, and reports the contexts that the change returns.
func change(out io.Writer, apply func(config *api.Config) []*api.Config) error {
	access := clientcmd.NewDefaultPathOptions()
	release, err := lock(access.GetLoadingPrecedence(), lockTimeout)
	if err != nil {
		return err
	}
	defer release()
	config, err := access.GetStartingConfig()
	if err != nil {
		return fmt.Errorf("read your kubeconfig: %w", err)
	}
	written := apply(config)
	if err := clientcmd.ModifyConfig(access, *config, false); err != nil {
		return fmt.Errorf("write your kubeconfig: %w", err)
	}
	for _, one := range written {
		fmt.Fprintf(out, "%s: context %s\n", access.GetDefaultFilename(), one.CurrentContext)
	}
	if len(written) > 0 {
		fmt.Fprintf(out, "the current context is %s\n", config.CurrentContext)
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

// put adds the entries of a cluster's kubeconfig. They are written to the file; if that is empty, to the first one that there is.
func put(config, one *api.Config, file string) {
	name := one.CurrentContext
	cluster, user, context := one.Clusters[name].DeepCopy(), one.AuthInfos[name].DeepCopy(), one.Contexts[name].DeepCopy()
	cluster.LocationOfOrigin, user.LocationOfOrigin, context.LocationOfOrigin = file, file, file
	config.Clusters[name], config.AuthInfos[name], config.Contexts[name] = cluster, user, context
}

// fileOf is the file that has an entry of the cluster's name, or empty.
func fileOf(config, one *api.Config) string {
	if has := config.Clusters[one.CurrentContext]; has != nil {
		return has.LocationOfOrigin
	}
	return ""
}

// remove removes what put has added; false if it is not there, or is another cluster's.
func remove(config, one *api.Config) bool {
	name := one.CurrentContext
	if !sameCluster(config.Clusters[name], one.Clusters[name]) {
		return false
	}
	delete(config.Clusters, name)
	delete(config.AuthInfos, name)
	delete(config.Contexts, name)
	if config.CurrentContext == name {
		config.CurrentContext = ""
	}
	return true
}

// sameText says whether two kubeconfigs have the same content, whatever files they were read from.
func sameText(a, b *api.Config) bool {
	one, errA := clientcmd.Write(*a)
	other, errB := clientcmd.Write(*b)
	return errA == nil && errB == nil && bytes.Equal(one, other)
}

// clusterName is the manual's name of a kubeconfig's cluster, without the student's number.
func clusterName(one *api.Config) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(one.CurrentContext, contextPrefix), "-")
	return name
}

// sameCluster says whether two entries are of the same cluster, and not of two that had the name one after the other.
func sameCluster(a, b *api.Cluster) bool {
	return a != nil && b != nil && bytes.Equal(a.CertificateAuthorityData, b.CertificateAuthorityData)
}
