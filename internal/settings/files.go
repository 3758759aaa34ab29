package settings

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// In returns the settings with whole paths of the files that they name: a relative one is seen from a directory, the project's, wherever
// the person is, and ~ is the home directory.
func (s Settings) In(directory string) Settings {
	s.Release.Manifests = maps.Clone(s.Release.Manifests)
	for name, m := range s.Release.Manifests {
		if !strings.Contains(m.Location, "://") {
			m.Location = whole(m.Location, directory)
			s.Release.Manifests[name] = m
		}
	}
	s.Lab.Clusters = maps.Clone(s.Lab.Clusters)
	for name, c := range s.Lab.Clusters {
		if c.Kubeconfig != "" {
			c.Kubeconfig = whole(c.Kubeconfig, directory)
			s.Lab.Clusters[name] = c
		}
	}
	return s
}

// whole is the whole path of a file.
func whole(file, directory string) string {
	if rest, inHome := strings.CutPrefix(file, "~/"); inHome {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(directory, file)
}
