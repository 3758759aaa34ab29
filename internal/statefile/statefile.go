// Package statefile reads and repairs the files in which Pulumi's file backend keeps the stacks of a project: states, histories, locks, and
// the attributes of files. The formats are Pulumi's own, as of engine 3.253.0. A file in another format is left to the engine.
package statefile

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

const (
	extension = ".json"
	// gzipped is added to the names of files that the engine writes with PULUMI_DIY_BACKEND_GZIP.
	gzipped = ".gz"
	// attributes is added to a file's name by gocloud.dev/blob/fileblob, for a file of what the backend notes of it.
	attributes = ".attrs"
)

// Backend is a file backend, as one project sees it.
type Backend struct{ directory, project string }

// Open returns the backend of a directory, the one that the URL file://directory names.
func Open(directory, project string) Backend {
	return Backend{filepath.Join(directory, ".pulumi"), project}
}

// Stacks returns the names of the project's stacks, sorted.
func (b Backend) Stacks() ([]string, error) {
	// Not filepath.Glob, for which [ in the project's path is a pattern.
	files, err := names(filepath.Join(b.directory, "stacks", b.project))
	var stacks []string
	for _, file := range files {
		if name, isState := strings.CutSuffix(strings.TrimSuffix(file, gzipped), extension); isState {
			stacks = append(stacks, name)
		}
	}
	slices.Sort(stacks)
	return slices.Compact(stacks), err
}

// Stack returns the files of a stack, which need not exist.
func (b Backend) Stack(name string) Stack { return Stack{b, name} }

// Stack is the files of a stack.
type Stack struct {
	backend Backend
	name    string
}

func (s Stack) stateFile() string {
	return filepath.Join(s.backend.directory, "stacks", s.backend.project, s.name+extension)
}

// State returns the stack's state, with its secrets encrypted. It returns false if there is no file of it, or one in another format; then the
// engine must be asked.
func (s Stack) State() (state apitype.UntypedDeployment, found bool, err error) {
	var file struct {
		Version    int
		Checkpoint struct{ Latest json.RawMessage }
	}
	switch text, err := read(s.stateFile()); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errFormat):
		return state, false, nil
	case err != nil:
		return state, false, fmt.Errorf("read the state: %w", err)
	case json.Unmarshal(text, &file) != nil || file.Version != 3:
		return state, false, nil
	}
	return apitype.UntypedDeployment{Version: file.Version, Deployment: file.Checkpoint.Latest}, true, nil
}

// LastUpdateSucceeded says whether the last update, or destruction, of the stack came to its end; true if there was none. The state alone
// does not say it: it has the program's outputs before the update ends.
func (s Stack) LastUpdateSucceeded() (bool, error) {
	directory := filepath.Join(s.backend.directory, "history", s.backend.project, s.name)
	files, err := names(directory)
	if err != nil {
		return false, fmt.Errorf("read the history: %w", err)
	}
	for _, file := range slices.Backward(files) { // the names end with the time in nanoseconds
		file = strings.TrimSuffix(file, gzipped)
		if !strings.HasSuffix(file, ".history"+extension) {
			continue
		}
		text, err := read(filepath.Join(directory, file))
		if err != nil {
			return false, fmt.Errorf("read the history: %w", err)
		}
		var update struct {
			Kind   apitype.UpdateKind
			Result string
		}
		if err := json.Unmarshal(text, &update); err != nil {
			return false, fmt.Errorf("read the history: %s: %w", file, err)
		}
		if update.Kind == apitype.UpdateUpdate || update.Kind == apitype.DestroyUpdate {
			return update.Result == "succeeded", nil
		}
	}
	return true, nil
}

// RemoveEmptyAttributes removes the attributes of the stack's state that a killed engine has left empty. The engine writes them before the
// state itself, and cannot read a state with empty ones; it can read one without any.
func (s Stack) RemoveEmptyAttributes() error {
	state := s.stateFile()
	for _, file := range []string{filepath.Join(s.backend.directory, "meta.yaml"), state, state + gzipped} {
		file += attributes
		if found, err := os.Stat(file); err != nil || found.Size() > 0 {
			continue // there are none, or complete ones
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what a killed command has left half written: %w", err)
		}
	}
	return nil
}

// WithoutPending returns a state without its pending operations. Everything else stays as it is, whether this version of Pulumi's SDK knows it
// or not.
func WithoutPending(state apitype.UntypedDeployment) (apitype.UntypedDeployment, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(state.Deployment, &fields); err != nil {
		return state, err
	}
	delete(fields, "pending_operations")
	var err error
	state.Deployment, err = json.Marshal(fields)
	return state, err
}

// errFormat is the error of a file that is not in the format that its name says.
var errFormat = errors.New("not in gzip format")

// read reads a file, which may be compressed.
func read(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	f, err := os.Open(file + gzipped)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	uncompressed, err := gzip.NewReader(f)
	if err == nil {
		text, err = io.ReadAll(uncompressed)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", file+gzipped, errFormat, err)
	}
	return text, nil
}

// names returns the names of a directory's files, sorted; none if there is no such directory.
func names(directory string) (files []string, err error) {
	entries, err := os.ReadDir(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, entry.Name())
		}
	}
	return files, err
}
