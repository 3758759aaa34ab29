package testbed

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// keep writes a record where Find looks for that of a project.
func keep(t *testing.T, project string, text []byte) {
	t.Helper()
	cache := t.TempDir()
	t.Setenv("HOME", cache)
	t.Setenv("XDG_CACHE_HOME", cache)
	sum := sha256.Sum256([]byte(project))
	file := filepath.Join(cache, "istio-lab", "made", hex.EncodeToString(sum[:10])+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The test bed, which is of another module, holds what it writes against the same file.
func TestARecordIsReadAsTheTestBedWritesIt(t *testing.T) {
	const project = "/home/ann/istio-lab"
	text, err := os.ReadFile("../../testbed/testdata/record.json")
	if err != nil {
		t.Fatal(err)
	}
	keep(t, project, text)
	got, err := Find(project)
	if err != nil {
		t.Fatal(err)
	}
	want := &Record{
		Project: project,
		Programs: map[string]Program{
			"pulumi-resource-tls": {"v5.5.1", "/cache/programs-plugin-tls/1/pulumi-resource-tls"},
			"kubectl":             {"v1.36.4", "/cache/program-kubectl/1/kubectl"},
		},
		Release: "current", LabFile: "/cache/made/1.lab.json", Files: []string{"/cache/manifests/1.yaml"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if other, err := Find(project + "-2"); other != nil || err != nil {
		t.Errorf("another checkout has %v, %v", other, err)
	}
	keep(t, project, text[:20])
	if _, err := Find(project); err == nil || !strings.HasSuffix(err.Error(), "`make up` writes it again") {
		t.Errorf("of half a record: %v", err)
	}
}

// workbench is a record of programs and settings that are there, and the folder of each.
func workbench(t *testing.T, programs ...string) (*Record, map[string]string) {
	t.Helper()
	t.Setenv("PATH", "/usr/bin")
	for _, variable := range []string{PluginsVariable, LabFileVariable, ReleaseVariable} {
		t.Setenv(variable, "")
	}
	write := func(file string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte("{}"), 0o755); err != nil {
			t.Fatal(err)
		}
		return file
	}
	r, folders := &Record{Programs: map[string]Program{}}, map[string]string{}
	for _, name := range programs {
		folders[name] = t.TempDir()
		r.Programs[name] = Program{"v1", write(filepath.Join(folders[name], name))}
	}
	r.Release = "current"
	r.LabFile = write(filepath.Join(t.TempDir(), "lab.json"))
	r.Files = []string{write(filepath.Join(t.TempDir(), "metallb.yaml"))}
	return r, folders
}

func none(string) bool { return false }

func TestWhatTheHostLacksIsFoundAfterAllThatItHas(t *testing.T) {
	r, folders := workbench(t, "kubectl", "pulumi", "pulumi-resource-tls")
	use, err := r.Use(func(program string) bool { return program == "pulumi" }, map[string]string{"pulumi-resource-tls": "v1"})
	if err != nil || len(use.Broken) > 0 {
		t.Fatalf("got %v, %v", use.Broken, err)
	}
	if want := []string{"kubectl", "pulumi-resource-tls"}; !slices.Equal(use.Programs, want) {
		t.Errorf("uses %q, want %q", use.Programs, want)
	}
	want := "/usr/bin:" + folders["kubectl"] + ":" + folders["pulumi-resource-tls"]
	if got := os.Getenv("PATH"); got != want || "/usr/bin:"+strings.Join(use.Path, ":") != want {
		t.Errorf("PATH is %s, want %s; added is %q", got, want, use.Path)
	}
	if os.Getenv(PluginsVariable) != "yes" || os.Getenv(LabFileVariable) != r.LabFile || use.LabFile != r.LabFile ||
		os.Getenv(ReleaseVariable) != "current" {
		t.Errorf("the environment is %q", os.Environ())
	}
}

func TestAHostThatHasAllUsesNothing(t *testing.T) {
	r, _ := workbench(t, "pulumi")
	t.Setenv(LabFileVariable, "/home/ann/lab.json")
	use, err := r.Use(func(string) bool { return true }, nil)
	if err != nil || len(use.Programs)+len(use.Path)+len(use.Broken) > 0 || use.LabFile != "" {
		t.Errorf("got %+v, %v", use, err)
	}
	if os.Getenv("PATH") != "/usr/bin" || os.Getenv(PluginsVariable) != "" || os.Getenv(LabFileVariable) != "/home/ann/lab.json" ||
		os.Getenv(ReleaseVariable) != "" {
		t.Errorf("the environment is %q", os.Environ())
	}
}

func TestWhatIsGoneOrOfAnotherVersionIsNamedAndTheRestIsUsed(t *testing.T) {
	r, folders := workbench(t, "kubectl", "pulumi-resource-docker", "pulumi-resource-tls")
	for _, file := range []string{r.Programs["kubectl"].Path, r.Files[0]} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	use, err := r.Use(none, map[string]string{"pulumi-resource-docker": "v2", "pulumi-resource-tls": "v1"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"kubectl":                "it is gone: stat " + r.Programs["kubectl"].Path,
		"pulumi-resource-docker": "it stands in for version v1, and this lab needs v2",
		LabFileVariable:          "the settings for its images are gone: stat " + r.Files[0],
	}
	if !slices.Equal(slices.Sorted(maps.Keys(use.Broken)), slices.Sorted(maps.Keys(want))) {
		t.Errorf("broken are %v", use.Broken)
	}
	for name, says := range want {
		if err := use.Broken[name]; err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%s: got %v, want %s", name, err, says)
		}
	}
	if os.Getenv("PATH") != "/usr/bin:"+folders["pulumi-resource-tls"] || os.Getenv(LabFileVariable) != "" {
		t.Errorf("PATH=%s, %s=%s", os.Getenv("PATH"), LabFileVariable, os.Getenv(LabFileVariable))
	}
}

// The test bed's cache removes what was not used for long.
func TestWhatIsUsedIsKeptByTheTestBed(t *testing.T) {
	r, folders := workbench(t, "pulumi", "kubectl")
	long := time.Now().Add(-1000 * time.Hour)
	for _, folder := range folders {
		if err := os.Chtimes(folder, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Use(func(program string) bool { return program == "kubectl" }, nil); err != nil {
		t.Fatal(err)
	}
	for program, used := range map[string]bool{"pulumi": true, "kubectl": false} {
		info, err := os.Stat(folders[program])
		if err != nil || (time.Since(info.ModTime()) < time.Minute) != used {
			t.Errorf("%s was used %s, %v", program, info.ModTime(), err)
		}
	}
}
