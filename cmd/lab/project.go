package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"istio-lab/internal/settings"
)

// findProject walks up from a directory to the one that holds the project's Pulumi.yaml.
func findProject(from string) (string, error) {
	// One directory has one name, whichever link led to it: it is part of the labels that say whose a container is.
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return "", err
	}
	for directory := from; ; directory = filepath.Dir(directory) {
		text, err := os.ReadFile(filepath.Join(directory, "Pulumi.yaml"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		var project struct{ Name string }
		if err == nil && yaml.Unmarshal(text, &project) == nil && project.Name == settings.Project {
			return directory, nil
		}
		if directory == filepath.Dir(directory) {
			return "", fmt.Errorf("neither %s nor a directory above it has a Pulumi.yaml with `name: %s`; "+
				"run lab in a clone of %[2]s", from, settings.Project)
		}
	}
}
