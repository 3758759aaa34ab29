package main

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func parse(t *testing.T, args ...string) *settingsFlags {
	t.Helper()
	set, flags := pflag.NewFlagSet("up", pflag.ContinueOnError), &settingsFlags{}
	flags.add(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestFlagsBecomeTheStacksSettings(t *testing.T) {
	t.Setenv(fileVariable, "") // the machine's may be set
	t.Setenv(releaseVariable, "")
	file := write(t, filepath.Join(t.TempDir(), "lab.yaml"), "images: {node: \"kindest/node:v1\"}\n")
	for name, test := range map[string]struct {
		args         []string
		before, want map[string]string
	}{
		"none": {before: map[string]string{stageKey: "trust"}, want: map[string]string{stageKey: "trust"}},
		"all": {
			args: []string{"--scenario", "extension", "--stage=mesh", "--student=0", "--release", "current"},
			want: map[string]string{scenarioKey: "extension", stageKey: "mesh", studentKey: "0", releaseKey: "current"},
		},
		"one beside those that are there": {
			args: []string{"--student", "7"}, before: map[string]string{stageKey: "trust", "docker:host": "x"},
			want: map[string]string{stageKey: "trust", "docker:host": "x", studentKey: "7"},
		},
		"an empty one takes the key away": {
			args: []string{"--stage="}, before: map[string]string{stageKey: "trust"}, want: map[string]string{},
		},
		"another scenario takes the stage away, which is none of its own": {
			args: []string{"--scenario", "extension"}, before: map[string]string{stageKey: "trust"}, want: map[string]string{scenarioKey: "extension"},
		},
		"back to the default scenario, by name": {
			args: []string{"--scenario", "multicluster"}, before: map[string]string{scenarioKey: "extension", stageKey: "mesh"},
			want: map[string]string{scenarioKey: "multicluster"},
		},
		"back to the default scenario, by none": {
			args: []string{"--scenario="}, before: map[string]string{scenarioKey: "extension", stageKey: "lua"}, want: map[string]string{},
		},
		"another scenario with a stage of its own": {
			args: []string{"--scenario", "extension", "--stage", "tap"}, before: map[string]string{stageKey: "trust"},
			want: map[string]string{scenarioKey: "extension", stageKey: "tap"},
		},
		"the scenario that is the default keeps the stage": {
			args: []string{"--scenario", "multicluster"}, before: map[string]string{stageKey: "mesh"},
			want: map[string]string{scenarioKey: "multicluster", stageKey: "mesh"},
		},
		"the default scenario instead of its name keeps the stage": {
			args: []string{"--scenario="}, before: map[string]string{scenarioKey: "multicluster", stageKey: "mesh"},
			want: map[string]string{stageKey: "mesh"},
		},
		"the scenario that is stored keeps the stage": {
			args: []string{"--scenario", "extension"}, before: map[string]string{scenarioKey: "extension", stageKey: "lua"},
			want: map[string]string{scenarioKey: "extension", stageKey: "lua"},
		},
		"a file": {args: []string{"--lab-file", file}, want: map[string]string{labKey: `{"images":{"node":"kindest/node:v1"}}`}},
		"a file, and a path over it": {
			args: []string{"--lab-file", file, "--set", "images.node=kindest/node:v2", "--set", "kubelet.featureGates.A=true"},
			want: map[string]string{labKey: `{"images":{"node":"kindest/node:v2"},"kubelet":{"featureGates":{"A":true}}}`},
		},
		"a value as what its place takes": {
			args: []string{"--set", "rateLimits.gold=20", "--set", "istiod.env.PILOT_X=true", "--set", "istiod.env.PILOT_Y=1"},
			want: map[string]string{labKey: `{"istiod":{"env":{"PILOT_X":"true","PILOT_Y":"1"}},"rateLimits":{"gold":20}}`},
		},
		"a path without a value": {
			args: []string{"--set", "images.node=", "--set", "networks=", "--set", "addons.kiali="}, before: map[string]string{
				labKey: `{"images":{"node":"kindest/node:v1","pilot":"istio/pilot:v1"},"networks":"10.40.0.0/16"}`,
			},
			want: map[string]string{labKey: `{"addons":{},"images":{"pilot":"istio/pilot:v1"}}`},
		},
		"a name with dots": {
			args:   []string{"--set", `mirrors.docker\.io=http://192.0.2.1:5000`},
			before: map[string]string{labKey: `{"listenAddress":"0.0.0.0"}`},
			want:   map[string]string{labKey: `{"listenAddress":"0.0.0.0","mirrors":{"docker.io":"http://192.0.2.1:5000"}}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(test.before)
			got, differs, err := parse(t, test.args...).change(test.before)
			if err != nil || !maps.Equal(got, test.want) {
				t.Errorf("%v, %v", got, err)
			}
			if differs == maps.Equal(test.before, test.want) {
				t.Errorf("differs is %v", differs)
			}
			if !maps.Equal(before, test.before) {
				t.Error("the configuration was changed in place")
			}
		})
	}
}

func TestTheFileOfTheMachineIsForStacksWithoutASettingLab(t *testing.T) {
	t.Setenv(fileVariable, write(t, filepath.Join(t.TempDir(), "machine.json"), `{"listenAddress":"127.0.0.2"}`))
	own := write(t, filepath.Join(t.TempDir(), "own.json"), `{"listenAddress":"127.0.0.3"}`)
	for name, test := range map[string]struct {
		args         []string
		before, want string
	}{
		"a stack that has none":        {nil, "", `{"listenAddress":"127.0.0.2"}`},
		"a stack that has the default": {nil, `{}`, `{"listenAddress":"127.0.0.2"}`},
		"a stack that has one":         {nil, `{"networks":"10.119.0.0/16"}`, `{"networks":"10.119.0.0/16"}`},
		"a person who gives another":   {[]string{"--lab-file", own}, "", `{"listenAddress":"127.0.0.3"}`},
		"a person who sets a path more": {
			[]string{"--set", "networks=10.119.0.0/16"}, "", `{"listenAddress":"127.0.0.2","networks":"10.119.0.0/16"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := map[string]string{}
			if test.before != "" {
				before[labKey] = test.before
			}
			if got, _, err := parse(t, test.args...).change(before); err != nil || got[labKey] != test.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestTheReleaseOfTheMachineComesWithItsFile(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "machine.json"), `{}`)
	for name, test := range map[string]struct {
		file   string
		args   []string
		before map[string]string
		want   string
	}{
		"a new stack":                {file, nil, nil, "current"},
		"a user who wants the other": {file, []string{"--release=book"}, nil, "book"},
		"a stack that has one":       {file, nil, map[string]string{releaseKey: "book"}, "book"},
		"a stack with settings":      {file, nil, map[string]string{labKey: `{"networks":"10.119.0.0/16"}`}, ""},
		"a user with a file":         {file, []string{"--lab-file", file}, nil, ""},
		"a machine without a file":   {"", nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(fileVariable, test.file)
			t.Setenv(releaseVariable, "current")
			if got, _, err := parse(t, test.args...).change(test.before); err != nil || got[releaseKey] != test.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestSettingsThatAreRefusedChangeNothing(t *testing.T) {
	twice := write(t, filepath.Join(t.TempDir(), "lab.yaml"), "rateLimits:\n  gold: 5\n  gold: 10\n")
	for name, test := range map[string]struct {
		args []string
		says []string
	}{
		"every value at once": {
			[]string{"--stage", "clusterz", "--student", "400", "--release", "bok"},
			[]string{`did you mean "clusters"?`, `"400"`, `"bok"`},
		},
		"an unknown path":        {[]string{"--set", "image.node=a:b"}, []string{"lab.image"}},
		"a path through a value": {[]string{"--set", "listenAddress=::1", "--set", "listenAddress.x=1"}, []string{"lab.listenAddress is a value"}},
		"no assignment":          {[]string{"--set", "images.node"}, []string{"not path=value"}},
		"a limit that is a word": {[]string{"--set", "rateLimits.gold=ten"}, []string{`lab.rateLimits.gold: "ten" is not a whole number`}},
		"a tier twice in a file": {[]string{"--lab-file", twice}, []string{"lab.yaml", `"gold"`}},
		"a missing file":         {[]string{"--lab-file", "/nowhere/lab.yaml"}, []string{"/nowhere/lab.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, differs, err := parse(t, test.args...).change(map[string]string{})
			if err == nil || got != nil || differs {
				t.Fatalf("%v, %v, %v", got, differs, err)
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}
