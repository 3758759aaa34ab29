package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"istio-lab/internal/allot"
)

func (l *lab) env() *cobra.Command {
	return &cobra.Command{
		Use: "env", Short: "Print what a shell needs for plain pulumi, and the manual's aliases", Args: cobra.NoArgs,
		Long: "Print the exports with which plain pulumi sees the same stacks, the manual's aliases for kubectl and istioctl, and the address " +
			"of the ingress gateway that the manual calls EXT_IP:\n\n  lab kubeconfig --merge\n  eval \"$(lab env)\"\n  kwest get pods -A",
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := findStacks(l.say)
			if err != nil {
				return err
			}
			if err := s.backend.prepare(s.project); err != nil {
				return err
			}
			for _, name := range slices.Sorted(maps.Keys(s.backend.exports)) {
				fmt.Fprintf(l.out, "export %s=%s\n", name, quoted(s.backend.exports[name]))
			}
			clusters := l.configured(c.Context()).Clusters()
			fmt.Fprintf(l.out, "export EXT_IP=%s\n", quoted(clusters[0].Pool.First.String()))
			for _, cluster := range clusters {
				for _, program := range []string{"kubectl", "istioctl"} {
					fmt.Fprintf(l.out, "alias %s=%s\n", program[:1]+manualName(cluster), quoted(program+" --context="+contextOf(cluster.Name)))
				}
			}
			return nil
		},
	}
}

// manualName is what the manual calls a cluster, whatever student it is of.
func manualName(cluster allot.Cluster) string {
	name, _, _ := strings.Cut(cluster.Name, "-")
	return name
}

// quoted is a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
