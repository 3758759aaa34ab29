package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"istio-lab/internal/kubeconfig"
	"istio-lab/internal/testbed"
	"istio-lab/stacks"
)

func (l *lab) env() *cobra.Command {
	return &cobra.Command{
		Use: "env", Short: "Print what a shell needs for plain pulumi, and the manual's aliases", Args: cobra.NoArgs,
		Long: "Print the exports with which plain pulumi sees the same stacks, the manual's aliases for kubectl and istioctl, and the address " +
			"of the ingress gateway that the manual calls EXT_IP. Where the test bed made pulumi, its plugins, kubectl or istioctl, and this " +
			"host has none of its own, their folders are added to the end of PATH.",
		Example: `  # the contexts that the aliases name, and the aliases
  lab kubeconfig --merge
  eval "$(lab env)"
  kwest get pods -A`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := findStacks(l.say)
			if err != nil {
				return err
			}
			if err := s.backend.prepare(s.project); err != nil {
				return err
			}
			for _, name := range slices.Sorted(maps.Keys(s.backend.exports)) {
				fmt.Fprintf(l.out, "export %s=%s\n", name, shellescape.Quote(s.backend.exports[name]))
			}
			if len(s.made.Path) > 0 { // which the shell does not have yet
				added := shellescape.Quote(strings.Join(s.made.Path, string(os.PathListSeparator)))
				fmt.Fprintf(l.out, "export PATH=\"$PATH\"%c%s\n", os.PathListSeparator, added)
				fmt.Fprintf(l.out, "export %s=yes\n", testbed.PluginsVariable)
			}
			file, err := s.fileConfig(c.Context(), l.stack)
			if err != nil {
				return err
			}
			if s.config = file.values; !file.complete { // the engine knows the rest, and whether there is such a stack
				if s, err = openStack(c.Context(), l.stack, l.say, l.abandon); err != nil {
					return err
				}
			}
			parsed, err := s.settings(l.stack)
			if err != nil {
				return err
			}
			clusters := parsed.Clusters()
			address := shellescape.Quote(clusters[0].Pool.First.String())
			if parsed.OnExisting() {
				address = `"$(` + stacks.Address(parsed.Existing(clusters[0])) + `)"`
			}
			fmt.Fprintf(l.out, "export EXT_IP=%s\n", address)
			for _, cluster := range clusters {
				options := "--context=" + kubeconfig.ContextName(cluster.Name)
				if parsed.OnExisting() {
					options = parsed.Existing(cluster).Options()
				}
				for _, program := range []string{"kubectl", "istioctl"} {
					fmt.Fprintf(l.out, "alias %s=%s\n", program[:1]+cluster.Manual(), shellescape.Quote(program+" "+options))
				}
			}
			return nil
		},
	}
}
