package settings

import "al.essio.dev/pkg/shellescape"

// Options are those with which kubectl and istioctl reach the cluster, as a shell takes them.
func (e Existing) Options() string {
	options := "--context=" + shellescape.Quote(e.Context)
	if e.Kubeconfig != "" {
		options = "--kubeconfig=" + shellescape.Quote(e.Kubeconfig) + " " + options
	}
	return options
}
