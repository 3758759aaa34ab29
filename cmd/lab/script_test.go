package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"istio-lab/internal/testbed"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lab": main})
}

// Each script is a person at a terminal, on a host whose Docker engine does not answer.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "record": record},
		Setup: func(e *testscript.Env) error {
			e.Setenv("DOCKER_HOST", "unix://"+e.WorkDir+"/docker.sock")
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/cache")
			e.Setenv("PATH", e.WorkDir+"/bin:"+e.Getenv("PATH"))
			e.Setenv(overridesVariable, ".*=http://127.0.0.1:1") // so that nobody looks whether Pulumi answers
			lab, err := exec.LookPath("lab")
			e.Setenv("LAB", filepath.Dir(lab)) // for a PATH with nothing else of this machine
			return err
		},
	})
}

// record writes that the test bed made programs for the project of the working directory, of which each lies in a folder of its own name:
// record pulumi kubectl. An older version of one is marked: record pulumi-resource-tls@v1. It made the file lab.json, too.
func record(ts *testscript.TestScript, _ bool, programs []string) {
	project, err := filepath.EvalSymlinks(ts.Getenv("WORK"))
	ts.Check(err)
	made := testbed.Record{Project: project, Programs: map[string]testbed.Program{}, LabFile: filepath.Join(project, "lab.json")}
	for _, program := range programs {
		name, version, _ := strings.Cut(program, "@")
		for _, plugin := range wantedPlugins() {
			if version == "" && name == pluginProgram+plugin.Name {
				version = "v" + plugin.Version.String()
			}
		}
		made.Programs[name] = testbed.Program{Version: version, Path: filepath.Join(project, name, name)}
	}
	text, err := json.Marshal(made)
	ts.Check(err)
	sum := sha256.Sum256([]byte(project))
	file := filepath.Join(ts.Getenv("XDG_CACHE_HOME"), "istio-lab", "made", hex.EncodeToString(sum[:10])+".json")
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.WriteFile(file, text, 0o600))
}

// exits runs a command as exec does, which is to end with the given status: exits 2 lab upp.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	status, err := 0, ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("the exit status is %d", status)
	}
}
