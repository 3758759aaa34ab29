package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// ownRecord keeps the record of this test apart from the person's.
func ownRecord(t *testing.T) (file string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	project, err := projectFolder()
	if err != nil {
		t.Fatal(err)
	}
	if file, err = recordFile(project); err != nil {
		t.Fatal(err)
	}
	return file
}

// The lab's package internal/testbed reads the same file in its test.
func TestTheRecordIsWhatLabReads(t *testing.T) {
	want, err := os.ReadFile("testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(record{
		Project: "/home/ann/istio-lab",
		Programs: map[string]program{
			"pulumi-resource-tls": {"v5.5.1", "/cache/programs-plugin-tls/1/pulumi-resource-tls"},
			"kubectl":             {"v1.36.4", "/cache/program-kubectl/1/kubectl"},
		},
		Release: "current", LabFile: "/cache/made/1.lab.json", Files: []string{"/cache/manifests/1.yaml"},
	}, "", "  ")
	if err != nil || string(got)+"\n" != string(want) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestARecordIsChangedAndThatOfNothingIsRemoved(t *testing.T) {
	file, b := ownRecord(t), &bed{}
	if err := b.remember(func(*record) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("there is a record of nothing")
	}
	labFile, err := keepSettings([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*record){
		func(r *record) { r.Programs["pulumi"] = program{"v3", "/pulumi"} },
		func(r *record) { r.LabFile, r.Files = labFile, []string{"/manifest"} },
	} {
		if err := b.remember(change); err != nil {
			t.Fatal(err)
		}
	}
	var saw record
	if err := b.remember(func(r *record) { saw = *r }); err != nil {
		t.Fatal(err)
	}
	here, _ := projectFolder()
	if saw.Project != here || saw.Programs["pulumi"].Path != "/pulumi" || saw.LabFile != labFile || len(saw.Files) != 1 {
		t.Errorf("the record is %+v", saw)
	}
	if err := b.remember((*record).forgetImages); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(labFile); err == nil {
		t.Error("the settings for images that are gone are still there")
	}
	if err := b.remember(func(r *record) { delete(r.Programs, "pulumi") }); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

func TestTwoCheckoutsHaveTwoRecords(t *testing.T) {
	ownRecord(t)
	one, err := recordFile("/home/ann/istio-lab")
	if err != nil {
		t.Fatal(err)
	}
	other, err := recordFile("/home/ann/istio-lab-2")
	if err != nil || one == other {
		t.Errorf("both have %s, %v", one, err)
	}
}
