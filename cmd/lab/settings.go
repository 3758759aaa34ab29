package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"istio-lab/internal/settings"
	"istio-lab/internal/testbed"
)

// The full keys of the configuration that flags set.
const (
	scenarioKey = settings.Project + ":" + settings.KeyScenario
	stageKey    = settings.Project + ":" + settings.KeyStage
	studentKey  = settings.Project + ":" + settings.KeyStudent
	releaseKey  = settings.Project + ":" + settings.KeyRelease
	labKey      = settings.Project + ":" + settings.KeyLab
)

// fileVariable names the file from which a stack without a setting lab gets one, on a machine where every lab needs it.
const fileVariable = testbed.LabFileVariable

// releaseVariable names the release that such a stack gets with it.
const releaseVariable = testbed.ReleaseVariable

// settingsFlags are the flags that mirror the stack's settings.
type settingsFlags struct {
	scenario, stage, release string
	student                  int
	set                      []string
	labFile                  string
	flags                    *pflag.FlagSet
}

func (f *settingsFlags) add(flags *pflag.FlagSet) {
	f.addShared(flags)
	flags.IntVar(&f.student, "student", 0, "student number, which addresses, ports and names follow from")
}

// addShared adds the flags of what the labs of several students can have alike.
func (f *settingsFlags) addShared(flags *pflag.FlagSet) {
	f.flags = flags
	flags.StringVar(&f.scenario, "scenario", "", "which lab: multicluster or extension")
	flags.StringVar(&f.stage, "stage", "", "build up to and including this step of the manual; an empty one is the last. "+
		stagesOfBoth())
	flags.StringVar(&f.release, "release", "", "set of versions: book or current")
	flags.StringArrayVar(&f.set, "set", nil, "set a path of the setting lab, such as images.node=kindest/node:v1.26.15, or take it "+
		"out again, as by images.node=; there are "+strings.Join(settings.LabKeys(), ", "))
	flags.StringVar(&f.labFile, "lab-file", "",
		"read the setting lab from a JSON or YAML file; for a stack that has none, "+fileVariable+" can name one")
}

// stagesOfBoth lists the stages.
func stagesOfBoth() string {
	var texts []string
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		var names []string
		for _, stage := range settings.Stages(scenario) {
			names = append(names, string(stage))
		}
		texts = append(texts, fmt.Sprintf("%s: %s", scenario, strings.Join(names, ", ")))
	}
	return strings.Join(texts, "; ")
}

// given are the shared flags as they were given, for another lab command.
func (f *settingsFlags) given() []string {
	var args []string
	for flag, value := range map[string]string{"scenario": f.scenario, "stage": f.stage, "release": f.release, "lab-file": f.labFile} {
		if f.flags.Changed(flag) {
			args = append(args, "--"+flag+"="+value)
		}
	}
	slices.Sort(args)
	for _, assignment := range f.set {
		args = append(args, "--set="+assignment)
	}
	return args
}

// change returns a stack's configuration with the flags that were given, and whether they change it. The key of a flag that
// is given empty is left out, and so has its default.
func (f *settingsFlags) change(config map[string]string) (changed map[string]string, differs bool, err error) {
	changed = map[string]string{}
	maps.Copy(changed, config)
	for flag, value := range map[string]struct{ key, value string }{
		"scenario": {scenarioKey, f.scenario}, "stage": {stageKey, f.stage}, "release": {releaseKey, f.release},
		"student": {studentKey, strconv.Itoa(f.student)},
	} {
		if !f.flags.Changed(flag) {
			continue
		}
		if changed[value.key] = value.value; value.value == "" {
			delete(changed, value.key)
		}
	}
	if !f.flags.Changed("stage") && settings.ScenarioOf(changed) != settings.ScenarioOf(config) {
		delete(changed, stageKey) // which is one of the other scenario's
	}
	file, of := f.labFile, "--lab-file"
	// Pulumi may tell the default of a setting that the stack has not.
	if none := changed[labKey]; file == "" && (none == "" || none == "{}") {
		file, of = os.Getenv(fileVariable), fileVariable
		if release := os.Getenv(releaseVariable); file != "" && release != "" && changed[releaseKey] == "" {
			changed[releaseKey] = release
		}
	}
	if file != "" {
		if changed[labKey], err = readObject(file); err != nil {
			return nil, false, fmt.Errorf("%s: %w", of, err)
		}
	}
	for _, assignment := range f.set {
		if changed[labKey], err = setPath(changed[labKey], assignment); err != nil {
			return nil, false, err
		}
	}
	if _, err := settings.Parse(changed); err != nil {
		return nil, false, err
	}
	return changed, !maps.Equal(changed, config), nil
}

// readObject reads a JSON or YAML file as JSON.
func readObject(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	object, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return "", fmt.Errorf("%s is neither JSON nor YAML: %w", file, err)
	}
	if !bytes.HasPrefix(object, []byte("{")) {
		return "", fmt.Errorf("%s holds no object such as {\"images\": {}}, but %s", file, object)
	}
	return string(object), nil
}

// setPath sets one path of a JSON object by an assignment such as images.node=kindest/node:v1.26.15. A dot that belongs to a
// name is written \. as in mirrors.docker\.io=http://192.0.2.1:5000. Without a value the path is left out, and so has its default.
func setPath(object, assignment string) (string, error) {
	path, value, given := strings.Cut(assignment, "=")
	if !given || path == "" {
		return "", fmt.Errorf("--set %q is not path=value, such as images.node=kindest/node:v1.26.15", assignment)
	}
	root := map[string]any{}
	if object != "" {
		if err := json.Unmarshal([]byte(object), &root); err != nil {
			return "", fmt.Errorf("--set %q: the stack's setting lab is not an object: %w", assignment, err)
		}
	}
	names := splitPath(path)
	at := root
	for i, name := range names[:len(names)-1] {
		next, isObject := at[name].(map[string]any)
		if _, there := at[name]; there && !isObject {
			return "", fmt.Errorf("--set %q: lab.%s is a value, not an object", assignment, strings.Join(names[:i+1], "."))
		}
		if !isObject {
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	if last := names[len(names)-1]; value == "" {
		delete(at, last)
	} else {
		at[last] = settings.Value(names, value)
	}
	text, err := json.Marshal(root)
	return string(text), err
}

// splitPath splits at dots that no backslash precedes.
func splitPath(path string) []string {
	var names []string
	name := ""
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '\\' && i+1 < len(path) && path[i+1] == '.':
			name += "."
			i++
		case path[i] == '.':
			names, name = append(names, name), ""
		default:
			name += string(path[i])
		}
	}
	return append(names, name)
}
