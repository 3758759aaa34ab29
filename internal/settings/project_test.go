package settings_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"istio-lab/internal/release"
	"istio-lab/internal/settings"
)

// Pulumi.yaml says to people and to the engine what the program says to itself.
func TestPulumiYAMLDescribesTheSettingsThatThereAre(t *testing.T) {
	text, err := os.ReadFile("../../Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var project struct {
		Name   string
		Config map[string]struct {
			Type, Description string
			Default           any
		}
	}
	if err := yaml.Unmarshal(text, &project); err != nil {
		t.Fatal(err)
	}
	if project.Name != settings.Project {
		t.Errorf("the project is %s", project.Name)
	}
	config := map[string]string{}
	described := 0
	for key, schema := range project.Config {
		if strings.Contains(key, ":") {
			continue
		}
		described++
		if schema.Description == "" {
			t.Errorf("%s has no description", key)
		}
		switch value := schema.Default.(type) {
		case string:
			config["istio-lab:"+key] = value
		case nil:
		default: // numbers and objects, as pulumi tells them the program
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			config["istio-lab:"+key] = string(text)
		}
	}
	if described != 5 {
		t.Errorf("%d keys are described instead of 5", described)
	}
	byDefault := parse(t, config)
	byNothing := parse(t, nil)
	if !reflect.DeepEqual(byDefault, byNothing) {
		t.Errorf("its defaults give %+v, none give %+v", byDefault, byNothing)
	}
	for key, names := range map[string][]string{
		"release": release.Names(),
		"stage":   stageNames(),
	} {
		for _, name := range names {
			if !strings.Contains(project.Config[key].Description, name) {
				t.Errorf("the description of %s does not name %s", key, name)
			}
		}
	}
}

func stageNames() (names []string) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, stage := range settings.Stages(scenario) {
			names = append(names, string(stage))
		}
	}
	slices.Sort(names)
	return names
}
