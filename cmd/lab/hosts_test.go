package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/internal/settings"
)

func TestHostsOfAClassHaveAnEngineAndAnAddress(t *testing.T) {
	hosts, err := parseHosts(t.Context(), []string{"tcp://192.0.2.11:2375", "ssh://teacher@big2=192.0.2.12", "ssh://ann@localhost"})
	if err != nil {
		t.Fatal(err)
	}
	want := []dockerHost{
		{"tcp://192.0.2.11:2375", netip.MustParseAddr("192.0.2.11")}, {"ssh://teacher@big2", netip.MustParseAddr("192.0.2.12")},
		{"ssh://ann@localhost", netip.MustParseAddr("127.0.0.1")},
	}
	if fmt.Sprint(hosts) != fmt.Sprint(want) {
		t.Errorf("got %v, not %v", hosts, want)
	}
	if here, err := parseHosts(t.Context(), nil); err != nil || len(here) != 1 || len(here[0].flags()) > 0 {
		t.Errorf("without any: %v (%v)", here, err)
	}
	for text, objection := range map[string]string{
		"big1":                         "is not the URL of a Docker engine",
		"ssh://big1=big1":              `"big1" is not an address`,
		"ssh://no-such-host.invalid":   "name its address, as in ssh://no-such-host.invalid=192.0.2.11",
		"ssh://other=192.0.2.11":       "named twice",
		"tcp://192.0.2.11:2375":        "named twice",
		"unix:///var/run/docker.sock=": "is not the URL of a Docker engine on a host",
	} {
		if _, err := parseHosts(t.Context(), []string{"tcp://192.0.2.11:2375", text}); err == nil || !strings.Contains(err.Error(), objection) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// school is a project with the files that are given, by their names, whose engine does not run.
func school(t *testing.T, files map[string]string) *stack {
	t.Helper()
	project := t.TempDir()
	files["Pulumi.yaml"] = "name: istio-lab\nruntime: go\n"
	for file, text := range files {
		file = filepath.Join(project, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &stack{project: project, backend: chooseBackend(project, environment(nil), "")}
}

func TestStudentsAreSpreadOverHostsAndStayWhereTheyAre(t *testing.T) {
	const (
		onB     = "config:\n  istio-lab:lab:\n    dockerHost: ssh://b\n    listenAddress: 192.0.2.12\n"
		onOld   = "config:\n  istio-lab:lab:\n    dockerHost: ssh://old\n    listenAddress: 192.0.2.10\n"
		here    = "config:\n  istio-lab:student: 6\n"
		torn    = "config: ["
		nothing = `{"version": 3, "checkpoint": {"latest": {}}}`
		states  = ".state/.pulumi/stacks/istio-lab/"
	)
	s := school(t, map[string]string{
		"Pulumi.student-03.yaml": onOld, "Pulumi.student-04.yaml": torn, "Pulumi.student-06.yaml": here, "Pulumi.student-08.yaml": here,
		"Pulumi.student-90.yaml": onB, "Pulumi.student-91.yaml": onB, "Pulumi.student-92.yaml": torn,
		states + "student-06.json": kept, states + "student-08.json": nothing,
	})
	hosts, err := parseHosts(t.Context(), []string{"ssh://a=192.0.2.11", "ssh://b=192.0.2.12"})
	if err != nil {
		t.Fatal(err)
	}
	r := &classroom{students: []int{2, 3, 4, 6, 8, 10, 12, 14, 16}}
	if err := r.seat(t.Context(), s, hosts); err != nil {
		t.Fatal(err)
	}
	seats := map[string][]int{}
	for _, student := range r.students {
		if r.refused[student] == nil {
			seats[r.hosts[student].String()] = append(seats[r.hosts[student].String()], student)
		}
	}
	want := map[string][]int{"ssh://a": {2, 8, 10, 14}, "ssh://b": {12, 16}, "ssh://old": {3}, "this host": {6}}
	if fmt.Sprint(seats) != fmt.Sprint(want) {
		t.Errorf("with two on ssh://b before, they are on %v", seats)
	}
	if err := r.refused[4]; err == nil || !strings.HasPrefix(err.Error(), "read Pulumi.student-04.yaml: ") {
		t.Errorf("student 4, whose settings cannot be read, is refused for %v", err)
	}
	if got := strings.Join(r.hosts[3].flags(), " "); got != "--set=dockerHost=ssh://old --set=listenAddress=192.0.2.10" {
		t.Errorf("student 3 is built with %s", got)
	}
	r.hosts[16] = dockerHost{"ssh://b", netip.MustParseAddr("192.0.2.13")}
	r.refuse(r.hosts[3], errors.New("it is gone"))
	if got := fmt.Sprint(r.hostsOf(r.students)); got != "[ssh://a this host ssh://b]" {
		t.Errorf("their labs are on %s", got)
	}
	if got := r.refused[3].Error(); got != "ssh://old: it is gone" {
		t.Errorf("student 3 is refused for %s", got)
	}
}

// far is a host whose engine has no containers, and 64 GiB.
func far(t *testing.T) dockerHost {
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		switch path.Base(r.URL.Path) {
		case "info":
			fmt.Fprintf(w, `{"MemTotal": %d}`, 64<<30)
		case "json":
			fmt.Fprint(w, "[]")
		}
	}))
	t.Cleanup(engine.Close)
	return dockerHost{url: "tcp://" + engine.Listener.Addr().String()}
}

func TestAHostThatCannotBeAskedStopsNoOther(t *testing.T) {
	asked, gone := far(t), dockerHost{url: "tcp://127.0.0.1:1"}
	r := &classroom{
		students: []int{2, 3, 4}, hosts: map[int]dockerHost{1: asked, 2: asked, 3: gone, 4: asked}, refused: map[int]error{4: errors.New("torn")},
	}
	var said strings.Builder
	if known, err := r.fits(t.Context(), 1, &said); !known || err != nil {
		t.Errorf("the memory of a lab is known: %v (%v)", known, err)
	}
	if !strings.Contains(said.String(), "64.0 GiB are left on "+asked.url) || !strings.HasSuffix(said.String(), "and 1 are to be built\n") {
		t.Errorf("said: %s", &said)
	}
	if err := r.refused[3]; err == nil || !strings.HasPrefix(err.Error(), "tcp://127.0.0.1:1: no Docker engine answers") || r.refused[2] != nil {
		t.Errorf("refused: %v", r.refused)
	}
	r = &classroom{students: []int{2}, hosts: map[int]dockerHost{1: gone, 2: asked}, refused: map[int]error{}}
	if known, err := r.fits(t.Context(), 1, &said); known || err != nil {
		t.Errorf("that of a lab on a host that is gone is known: %v (%v)", known, err)
	}
}

func TestWithoutCachesALabAsksTheMirrorsOfItsClass(t *testing.T) {
	class := settings.Settings{Lab: settings.Lab{Mirrors: map[string]string{"quay.io": "http://192.0.2.1:5000"}}}
	got := withoutCaches(class, map[string]string{
		"docker.io": "http://172.17.0.1:5150", "quay.io": "http://172.17.0.1:5152", "ghcr.io": "http://mirror.example:5151",
	})
	if text := strings.Join(got, " "); text != `--set=mirrors.docker\.io= --set=mirrors.quay\.io=http://192.0.2.1:5000` {
		t.Errorf("got %s", text)
	}
}
