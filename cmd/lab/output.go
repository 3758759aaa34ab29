package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"istio-lab/internal/nearest"
	"istio-lab/internal/settings"
)

// outputs returns the stack's outputs; without secrets each secret is the engine's word for one.
func (s *stack) outputs(ctx context.Context, secrets bool) (map[string]any, error) {
	args := []string{"stack", "output", "--json"}
	if secrets {
		args = append(args, "--show-secrets")
	}
	text, err := s.pulumi(ctx, "", args...)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("read the outputs: %w", err)
	}
	return values, nil
}

// printOutputs prints all outputs or the named one: strings as they are, the rest as YAML, or everything as JSON.
func printOutputs(out io.Writer, values map[string]any, name string, asJSON bool) error {
	var value any = values
	if name != "" {
		var there bool
		if value, there = values[name]; !there {
			return fmt.Errorf("there is no output %q%s", name, choice(name, values))
		}
	}
	if text, isString := value.(string); isString && !asJSON {
		fmt.Fprintln(out, strings.TrimSuffix(text, "\n"))
		return nil
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if !asJSON {
		if text, err = yaml.JSONToYAML(text); err != nil {
			return err
		}
	}
	_, err = io.Copy(out, bytes.NewReader(text))
	return err
}

// ingress is where this host reaches the ingress gateway of the first cluster. Values are the stack's outputs, with
// their secrets on clusters of the person's own.
func (s *stack) ingress(ctx context.Context, parsed settings.Settings, values map[string]any) (string, error) {
	cluster := parsed.Clusters()[0].Name
	if parsed.OnExisting() {
		looked, err := open(ctx, parsed, values)
		if err != nil {
			return "", err
		}
		defer looked.Close()
		address, err := looked.Ingress(ctx)
		return "http://" + address, err
	}
	urls, _ := values["urls"].(map[string]any)
	key := "ingress " + cluster
	url, published := urls[key].(string)
	if !published {
		return "", fmt.Errorf("it has no output of the ingress gateway's URL%s", choice(key, urls))
	}
	return url, nil
}

// misnamed takes an error about a name for the person's, if there was something to choose from.
func misnamed(err error, values map[string]any) error {
	if err == nil || len(values) == 0 {
		return err
	}
	return usage{err}
}

// choice ends a refusal with what there is.
func choice(name string, values map[string]any) string {
	if len(values) == 0 {
		return "; the stack has none: run `lab up` first"
	}
	return nearest.Of(name, slices.Sorted(maps.Keys(values)))
}

// invocation is how the person has called the program at path, so that printed commands can be copied.
func invocation(path string) string {
	if strings.Contains(path, "go-build") {
		return "go run ./cmd/lab"
	}
	return path
}

// printLab ends an up: what there is now, and how to use it, with lab as the person calls it. It prints no secret.
func printLab(out io.Writer, lab, stack string, values map[string]any) {
	if summary, ok := values["lab"].(string); ok {
		fmt.Fprintln(out, "\n"+summary)
	}
	for _, name := range []string{"urls", "addresses"} {
		entries, _ := values[name].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			fmt.Fprintf(out, "  %-32s %v\n", key, entries[key])
		}
	}
	requests, _ := values["requests"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		fmt.Fprintf(out, "  %v\n", requests[name])
	}
	clusters, _ := values["clusters"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(clusters)) {
		command := fmt.Sprintf("%s kubeconfig --stack %s %s >%[3]s-kubeconfig", lab, stack, name)
		if of, _ := clusters[name].(map[string]any); of["kubectl"] != nil { // the person has it already
			command = fmt.Sprint(of["kubectl"])
		}
		fmt.Fprintf(out, "  %-32s %s\n", "kubectl for "+name, command)
	}
}
