package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/testbed/internal/recipe"
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

func TestTheProgramsPluginsAreThoseThatTheTestBedKnows(t *testing.T) {
	versions, err := pluginVersions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name := range recipe.Plugins() {
		if !strings.HasPrefix(versions[name], "v") {
			t.Errorf("there is no version of %s in %v", name, versions)
		}
	}
}

func TestAPluginIsFoundWhereItIsInstalled(t *testing.T) {
	t.Setenv("PATH", "")
	home := t.TempDir()
	t.Setenv("PULUMI_HOME", home)
	installed := filepath.Join(home, "plugins", "resource-tls-v5.5.1")
	if err := os.MkdirAll(installed, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(installed, "pulumi-resource-tls"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if p := lookForPlugin(t.Context(), "tls", "v5.5.1"); p.missing != nil || p.there != installed {
		t.Errorf("got %+v", p)
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
