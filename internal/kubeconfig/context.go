package kubeconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"istio-lab/internal/nearest"
)

// Context returns the kubeconfig of one context alone, which is its current one, with the contents of the files that it refers to. It is
// read from a file, or without one from what kubectl reads: KUBECONFIG, or ~/.kube/config. It is secret.
func Context(file, context string) (string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = file
	config, err := rules.Load()
	if err != nil {
		return "", err
	}
	if file == "" {
		file = strings.Join(rules.Precedence, " and ")
	}
	if config.Contexts[context] == nil {
		return "", fmt.Errorf("%s has no context %q%s", file, context, nearest.Of(context, slices.Sorted(maps.Keys(config.Contexts))))
	}
	config.CurrentContext = context
	if err := api.MinifyConfig(config); err != nil {
		return "", fmt.Errorf("%s: context %s: %w", file, context, err)
	}
	if err := api.FlattenConfig(config); err != nil {
		return "", fmt.Errorf("%s: context %s: %w", file, context, err)
	}
	text, err := clientcmd.Write(*config)
	return string(text), err
}
