// Package testbed finds what the test bed made for a checkout of this project: stand-ins for Pulumi's programs, tools, and the lab's
// settings for its images. A machine without a test bed has nothing of it.
package testbed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The variables by which a process uses what the test bed made.
const (
	// PluginsVariable lets the test bed's plugins start.
	PluginsVariable = "ISTIO_LAB_TESTBED_PLUGINS"
	// LabFileVariable names the file from which a stack without a setting lab gets one.
	LabFileVariable = "ISTIO_LAB_FILE"
	// ReleaseVariable names the release that such a stack gets with it, if it has none.
	ReleaseVariable = "ISTIO_LAB_RELEASE"
)

// Record is what the test bed made, and where it is. The test bed, which is of another module, writes it.
type Record struct {
	// Project is the folder of the checkout.
	Project string `json:"project"`
	// Programs are by their names, such as pulumi-resource-docker.
	Programs map[string]Program `json:"programs"`
	// Release is the release whose images were made, LabFile the file with the setting lab for them; empty if none were.
	Release string `json:"release"`
	LabFile string `json:"labFile"`
	// Files are the release's manifests.
	Files []string `json:"files"`
}

// Program is a program, and which version it is or stands in for.
type Program struct {
	Version string `json:"version"`
	Path    string `json:"path"`
}

// Find reads the record of a checkout; nil where the test bed made nothing for it.
func Find(project string) (*Record, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, nil // nor did the test bed find a place
	}
	sum := sha256.Sum256([]byte(project))
	file := filepath.Join(cache, "istio-lab", "made", hex.EncodeToString(sum[:10])+".json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("what the test bed made: %w", err)
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("what the test bed made: %s: %w; `make up` writes it again", file, err)
	}
	return &r, nil
}

// Use is what a process uses of a record.
type Use struct {
	// Programs are the names of the programs that the host lacks, Path the folders that are added to the end of PATH for them.
	Programs, Path []string
	// LabFile is the file with the setting lab; empty where another one is named, or none was made.
	LabFile string
	// Broken says of programs, and of the setting lab under its variable, why they cannot be used.
	Broken map[string]error
}

// Use makes this process, and those that it starts, use what the test bed made and the host lacks, by PATH and the variables. Has tells
// whether the host has a program of its own, which wins; wanted are the versions that programs must be of.
func (r *Record) Use(has func(program string) bool, wanted map[string]string) (Use, error) {
	use := Use{Broken: map[string]error{}}
	for _, name := range slices.Sorted(maps.Keys(r.Programs)) {
		program := r.Programs[name]
		if has(name) {
			continue
		}
		if version := wanted[name]; version != "" && version != program.Version {
			use.Broken[name] = fmt.Errorf("it stands in for version %s, and this lab needs %s", program.Version, version)
			continue
		}
		if _, err := os.Stat(program.Path); err != nil {
			use.Broken[name] = fmt.Errorf("it is gone: %w", err)
			continue
		}
		folder := filepath.Dir(program.Path)
		now := time.Now()
		_ = os.Chtimes(folder, now, now) // so that the test bed's cache keeps it; of another person's it is not ours to say
		use.Programs, use.Path = append(use.Programs, name), append(use.Path, folder)
	}
	set := map[string]string{}
	if len(use.Path) > 0 {
		set["PATH"] = strings.Join(append([]string{os.Getenv("PATH")}, use.Path...), string(os.PathListSeparator))
		set[PluginsVariable] = "yes"
	}
	if r.LabFile != "" && os.Getenv(LabFileVariable) == "" {
		if err := exist(append([]string{r.LabFile}, r.Files...)); err != nil {
			use.Broken[LabFileVariable] = fmt.Errorf("the settings for its images are gone: %w", err)
		} else {
			use.LabFile = r.LabFile
			set[LabFileVariable] = r.LabFile
			if r.Release != "" && os.Getenv(ReleaseVariable) == "" {
				set[ReleaseVariable] = r.Release
			}
		}
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return use, err
		}
	}
	return use, nil
}

// exist objects if one of the files is not there.
func exist(files []string) error {
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			return err
		}
	}
	return nil
}
