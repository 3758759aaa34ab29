package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// record is what the test bed made for this checkout of the project on this machine, and where it is. The lab command reads it
// (internal/testbed of the lab's module has the same type), and so needs no test bed to run it.
type record struct {
	// Project is the folder of the checkout.
	Project string `json:"project"`
	// Programs are stand-ins for Pulumi's, and tools, by their names.
	Programs map[string]program `json:"programs"`
	// Release is the release whose images were made, LabFile the file with the lab's settings for them; empty if none were.
	Release string `json:"release,omitempty"`
	LabFile string `json:"labFile,omitempty"`
	// Files are the release's manifests, where lab keeps those that it has downloaded.
	Files []string `json:"files,omitempty"`
}

// program is a program, and which version it is or stands in for.
type program struct {
	Version string `json:"version"`
	Path    string `json:"path"`
}

// recordFile is where the record of a checkout is: apart from the cache, which a variable can move.
func recordFile(project string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("a place for what lab reads of the test bed: %w", err)
	}
	sum := sha256.Sum256([]byte(project))
	return filepath.Join(cache, "istio-lab", "made", hex.EncodeToString(sum[:10])+".json"), nil
}

// projectFolder is the folder of the project, by the name that lab has for it.
func projectFolder() (string, error) {
	folder, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(folder)
}

// remember changes the record of this checkout. A record of nothing is removed.
func (b *bed) remember(change func(*record)) error {
	project, err := projectFolder()
	if err != nil {
		return err
	}
	file, err := recordFile(project)
	if err != nil {
		return err
	}
	r := record{Project: project, Programs: map[string]program{}}
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w; remove it", file, err)
	}
	change(&r)
	if len(r.Programs) == 0 && r.LabFile == "" {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if text, err = json.MarshalIndent(r, "", "  "); err != nil {
		return err
	}
	return replace(file, append(text, '\n'))
}

// forgetImages takes out of a record what is only of use with the images.
func (r *record) forgetImages() {
	if r.LabFile != "" {
		os.Remove(r.LabFile) // one that cannot be removed is not named any more
	}
	r.Release, r.LabFile, r.Files = "", "", nil
}

// keepManifest copies a manifest to where lab keeps those that it has downloaded, under their digests, and returns the file there.
func keepManifest(file string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	kept := filepath.Join(cache, "istio-lab", "manifests", hex.EncodeToString(sum[:])+".yaml")
	return kept, replace(kept, text)
}

// keepSettings writes the lab's settings beside the record, and returns the file.
func keepSettings(settings []byte) (string, error) {
	project, err := projectFolder()
	if err != nil {
		return "", err
	}
	file, err := recordFile(project)
	if err != nil {
		return "", err
	}
	file = file[:len(file)-len(filepath.Ext(file))] + ".lab.json"
	return file, replace(file, settings)
}

// replace writes a file apart and moves it to its place, so that whoever reads it never reads half of it.
func replace(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(file), "draft-")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(text)
	if err := errors.Join(err, draft.Chmod(0o644), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), file)
}
