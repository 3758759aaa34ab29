// Package debian makes layers from Debian packages.
package debian

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"istio-lab/testbed/internal/artifact"
	"istio-lab/testbed/internal/oci"
)

// Release is the Debian release of every layer.
const Release = "bookworm"

// Layer holds the files of Debian packages and of all that they depend on.
type Layer struct {
	Title string
	// Extract only unpacks the packages, without a system around them in which they are set up.
	Extract  bool
	Packages []string
	// Keep, if it is not empty, names the only files that the layer gets.
	Keep []string
	// Drop are patterns of files and folders that it does not get.
	Drop []string
}

// unneeded is what no image needs: device nodes (every container gets its own), identities, documentation, caches,
// and Perl with rare character sets, which only installing more packages would take.
var unneeded = []string{
	"dev/*", "etc/machine-id", "etc/hostname", "etc/resolv.conf",
	"usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian", "usr/share/bash-completion",
	"usr/bin/perl*", "usr/share/perl*", "usr/lib/*/perl*", "usr/lib/*/libperl.so*", "usr/lib/*/gconv",
	"var/cache/*", "var/log/*", "var/lib/apt", "var/lib/dpkg/info", "var/lib/dpkg/*-old",
}

// Name implements artifact.Artifact.
func (l Layer) Name() string { return "layer-" + l.Title }

// Key implements artifact.Artifact.
func (l Layer) Key() (string, error) {
	return artifact.Key("debian 1", oci.Format, Release, fmt.Sprint(l.Extract),
		strings.Join(l.Packages, " "), strings.Join(l.Keep, " "), strings.Join(l.Drop, " "), strings.Join(unneeded, " ")), nil
}

// Build implements artifact.Artifact.
func (l Layer) Build(ctx context.Context, _ *artifact.Cache, dir string) error {
	sources, err := Sources(ctx)
	if err != nil {
		return err
	}
	list := filepath.Join(dir, "sources.list")
	if err := os.WriteFile(list, []byte(sources), 0o644); err != nil {
		return err
	}
	defer os.Remove(list)
	variant := "essential"
	if l.Extract {
		variant = "extract"
	}
	cmd := exec.CommandContext(ctx, "mmdebstrap", "--mode=root", "--variant="+variant, "--format=tar",
		"--aptopt=APT::Install-Recommends \"false\"", "--include="+strings.Join(l.Packages, ","), Release, "-", list)
	// It cleans up after itself if it is asked to stop.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return oci.WriteOutput(dir, cmd, l.place)
}

// place is where the layer has a file, or nothing if it does not get it.
func (l Layer) place(name string) string {
	if name == "." || !l.wants(name) {
		return ""
	}
	return name
}

// wants tells whether the layer gets a file.
func (l Layer) wants(name string) bool {
	if len(l.Keep) > 0 && !matches(name, l.Keep) {
		return false
	}
	return !matches(name, unneeded) && !matches(name, l.Drop)
}

// matches tells whether one of the patterns fits the file or a folder that it is in.
func matches(name string, patterns []string) bool {
	for ; name != "."; name = path.Dir(name) {
		for _, pattern := range patterns {
			if ok, _ := path.Match(pattern, name); ok {
				return true
			}
		}
	}
	return false
}
