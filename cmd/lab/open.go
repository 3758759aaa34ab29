package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"istio-lab/internal/allot"
	"istio-lab/internal/checks"
	"istio-lab/internal/nearest"
	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

func (l *lab) open() *cobra.Command {
	cluster, show := "", false
	c := &cobra.Command{
		Use: "open NAME", Short: "Open grafana, kiali, jaeger, prometheus or kube-ops-view in the browser", Args: cobra.ExactArgs(1),
		Long: "Open an add-on of the lab in the browser, and print its address. Of two clusters it is the first one's, unless --cluster says " +
			"otherwise. On clusters of your own, a port of this host is forwarded to it until Ctrl-C. The exit status is 0 also where no " +
			"browser starts.",
		Example: `  lab open grafana
  lab open kiali --cluster east
  # only the address
  lab open prometheus --print`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := openStack(c.Context(), l.stack, l.say, l.abandon)
			if err != nil {
				return err
			}
			values, err := s.outputs(c.Context(), false)
			if err != nil {
				return err
			}
			parsed, err := s.settings(l.stack)
			if err != nil {
				return err
			}
			if err := refusePage(parsed, args[0]); err != nil {
				return err
			}
			url := ""
			if parsed.OnExisting() {
				url, err = s.forward(c.Context(), parsed, args[0], cluster)
			} else {
				url, err = addressOf(values, args[0], cluster)
				err = misnamed(err, values)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(l.out, url)
			if !show {
				if err := browse(url).Run(); err != nil {
					fmt.Fprintf(l.say, "open it yourself: no browser was started (%v)\n", err)
				}
			}
			if parsed.OnExisting() {
				fmt.Fprintln(l.say, "the port is forwarded until Ctrl-C")
				<-c.Context().Done()
			}
			return nil
		},
	}
	c.Flags().StringVar(&cluster, "cluster", "", "the cluster, such as east")
	c.Flags().BoolVar(&show, "print", false, "only print the address")
	return c
}

// refusePage says of an add-on with pages why the stack has not got it; of another name nothing.
func refusePage(parsed settings.Settings, name string) error {
	on, set := parsed.Lab.Addons[name]
	switch {
	case !slices.Contains(checks.Pages(), name):
		return nil
	case set && !on:
		return usage{fmt.Errorf("%s is switched off in this stack's settings; `lab up --set addons.%[1]s=true` switches it on", name)}
	case parsed.Addon(name) && name != release.KubeOpsView && !parsed.Reached(settings.Mesh):
		return usage{fmt.Errorf("%s comes with the stage %s, and the stack is at %s; `lab up --stage %[2]s` builds it",
			name, settings.Mesh, parsed.Stage)}
	}
	return nil
}

// forward forwards a port of this host to an add-on of a person's own cluster, until the context ends.
func (s *stack) forward(ctx context.Context, parsed settings.Settings, name, cluster string) (string, error) {
	clusters, names := parsed.Clusters(), []string{}
	for _, page := range checks.Pages() {
		if parsed.Addon(page) {
			names = append(names, page)
		}
	}
	if !slices.Contains(names, name) {
		return "", usage{fmt.Errorf("the stack has no %q%s", name, nearest.Of(name, names))}
	}
	i := slices.IndexFunc(clusters, func(c allot.Cluster) bool { return cluster == "" || c.Name == cluster || c.Manual() == cluster })
	if i < 0 {
		manual := []string{clusters[0].Manual(), clusters[len(clusters)-1].Manual()}
		return "", usage{fmt.Errorf("there is no cluster %q%s", cluster, nearest.Of(cluster, manual))}
	}
	looked, err := s.look(ctx, parsed)
	if err != nil {
		return "", err
	}
	defer looked.Close()
	return looked.Forward(ctx, clusters[i], name)
}

// addressOf is the URL of an add-on, by what it is and its cluster's name or the manual's name for that.
func addressOf(values map[string]any, name, cluster string) (string, error) {
	urls, _ := values["urls"].(map[string]any)
	if len(urls) == 0 {
		return "", errors.New("the stack has nothing to open; run `lab up` first")
	}
	var names, clusters []string
	found := map[string]string{} // by cluster
	for key, url := range urls {
		what, of, _ := strings.Cut(key, " ")
		names, clusters = append(names, what), append(clusters, of)
		if what == name {
			found[of], _ = url.(string)
		}
	}
	order := func(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
	if len(found) == 0 {
		return "", fmt.Errorf("the stack has no %q%s", name, nearest.Of(name, order(names)))
	}
	if cluster == "" {
		// West is the manual's first cluster, and its name comes last.
		return found[slices.Max(slices.Collect(maps.Keys(found)))], nil
	}
	for of, url := range found {
		if of == cluster || strings.HasPrefix(of, cluster+"-") {
			return url, nil
		}
	}
	return "", fmt.Errorf("there is no cluster %q%s", cluster, nearest.Of(cluster, order(clusters)))
}

// browse is the command that opens a URL in the person's browser.
func browse(url string) *exec.Cmd {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", url)
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	}
	return exec.Command("xdg-open", url)
}
