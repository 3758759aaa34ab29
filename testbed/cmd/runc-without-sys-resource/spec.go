package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// correct takes out of a container's specification, or a process's, what this machine withholds.
func correct(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // which runc has more to say about
	}
	if err != nil {
		return err
	}
	text, err = corrected(text)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func corrected(text []byte) ([]byte, error) {
	var spec map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // limits do not fit into a float64
	if err := decoder.Decode(&spec); err != nil {
		return nil, err
	}
	process := spec
	if of, isContainer := spec["process"].(map[string]any); isContainer {
		process = of
	}
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		if names, isList := set.([]any); isList {
			sets[name] = slices.DeleteFunc(names, func(name any) bool { return name == "CAP_SYS_RESOURCE" })
		}
	}
	if score, given := process["oomScoreAdj"].(json.Number); given && score.String()[0] == '-' {
		delete(process, "oomScoreAdj")
	}
	return json.Marshal(spec)
}
