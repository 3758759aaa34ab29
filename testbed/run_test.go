package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEachPartIsToldWithTheWayThatIsTakenAndWhy(t *testing.T) {
	for _, c := range []struct {
		part part
		want string
	}{
		{part{name: "Docker engine", there: "answers, version 28.5.2", instead: "started"}, "Docker engine      answers, version 28.5.2"},
		{
			part{name: "plugin tls", there: "fetched", instead: "the test bed's own", missing: errors.New("get.pulumi.com does not answer")},
			"plugin tls         the test bed's own: get.pulumi.com does not answer",
		},
	} {
		if got := c.part.way(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNothingIsInstalledWithoutAPersonThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "answers")
	if err := os.WriteFile(file, []byte("y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var said strings.Builder
	if ask(in, &said, []string{"docker.io"}) || said.Len() > 0 {
		t.Errorf("a file consents to %q", said.String())
	}
}

func TestWhatARunTakesOfPulumiIsWhatTheProjectPins(t *testing.T) {
	programs, err := wantedPrograms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(programs)), []string{
		"pulumi", "pulumi-language-go", "pulumi-resource-docker", "pulumi-resource-kubernetes", "pulumi-resource-tls",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, program := range programs {
		if !strings.HasPrefix(program.version, "v") || !strings.Contains(program.release, "-"+program.version+"-") {
			t.Errorf("%s is of version %q, from %s", name, program.version, program.release)
		}
	}
	if !strings.HasSuffix(programs["pulumi"].own.LDFlags, "version.Version="+programs["pulumi"].version) {
		t.Errorf("pulumi is built with %s", programs["pulumi"].own.LDFlags)
	}
}

func TestAProgramIsFoundWhereItIsInstalled(t *testing.T) {
	installed := filepath.Join(t.TempDir(), "bin")
	if err := os.MkdirAll(installed, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(installed, "pulumi-resource-tls")
	if err := os.WriteFile(file, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path   string
		beside []string
	}{
		"on PATH": {installed, nil},
		"beside":  {"", []string{t.TempDir(), installed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", c.path)
			w := wanted{beside: c.beside, release: "http://127.0.0.1:1/", fetched: "fetched"}
			if p := w.look(t.Context(), "pulumi-resource-tls"); p.missing != nil || p.there != file {
				t.Errorf("got %+v", p)
			}
			if p := w.look(t.Context(), "pulumi-resource-docker"); p.missing == nil {
				t.Errorf("found %+v", p)
			}
		})
	}
}

func TestWhereAProgramMayBeFollowsFromPulumisHomeAndCommand(t *testing.T) {
	home, bin := t.TempDir(), t.TempDir()
	real := filepath.Join(t.TempDir(), "pulumi")
	if err := os.WriteFile(real, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, filepath.Join(bin, "pulumi")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PULUMI_HOME", home)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	programs, err := wantedPrograms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tls := programs["pulumi-resource-tls"]
	if want := []string{filepath.Join(home, "plugins", "resource-tls-"+tls.version)}; !slices.Equal(tls.beside, want) {
		t.Errorf("tls is looked for in %q, want %q", tls.beside, want)
	}
	if want := []string{filepath.Join(home, "bin"), filepath.Dir(real)}; !slices.Equal(programs["pulumi-language-go"].beside, want) {
		t.Errorf("the language host is looked for in %q, want %q", programs["pulumi-language-go"].beside, want)
	}
}

func TestWhatAnEarlierRunPutOnPathIsNotTakenForThePersonsOwn(t *testing.T) {
	b := &bed{cacheDir: t.TempDir()}
	t.Setenv("PATH", strings.Join([]string{"/usr/bin", filepath.Join(b.cacheDir, "programs-plugin-tls", "1"), b.cacheDir + "-other", "/bin"}, ":"))
	if err := b.forgetPath(); err != nil {
		t.Fatal(err)
	}
	if got := os.Getenv("PATH"); got != "/usr/bin:"+b.cacheDir+"-other:/bin" {
		t.Errorf("PATH is %s", got)
	}
}

func TestAnEngineThatDoesNotAnswerIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		docker, says string
		never        bool
	}{
		"not permitted": {`[ "$1" = version ] && echo 'permission denied while trying to connect to the Docker daemon' >&2; exit 1`,
			"join that group", true},
		"not running":     {"echo 'Cannot connect to the Docker daemon' >&2; exit 1", "the engine does not answer", false},
		"not there":       {"", "there is no docker command", false},
		"running already": {"echo 28.5.2", "answers, version 28.5.2", false},
	} {
		t.Run(name, func(t *testing.T) {
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			t.Setenv("DOCKER_HOST", "")
			if c.docker != "" {
				if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\n"+c.docker+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			p := lookForEngine(t.Context())
			if said := p.way() + fmt.Sprint(p.never); !strings.Contains(said, c.says) || (p.never != nil) != c.never {
				t.Errorf("said %q", said)
			}
		})
	}
}

func TestAnEngineIsNotStartedWithoutRootEvenWhereItIsInstalled(t *testing.T) {
	before, engine := forAnything, forEngine
	t.Cleanup(func() { forAnything, forEngine = before, engine })
	never := func(context.Context) bool { return false }
	forAnything, forEngine = []need{{"root", "be root", never, nil}}, nil
	b := &bed{cacheDir: t.TempDir()}
	err := b.bring(t.Context(), parts{engine: part{missing: errors.New("docker info fails")}}, true)
	if err == nil || !strings.HasSuffix(err.Error(), "root: be root") {
		t.Errorf("got %v", err)
	}
}

func TestRunRefusesToRunNothing(t *testing.T) {
	if err := run(t.Context(), &bed{}, nil); err == nil || !strings.Contains(err.Error(), "bin/lab up") {
		t.Errorf("got %v", err)
	}
}
