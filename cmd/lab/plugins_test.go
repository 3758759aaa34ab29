package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"istio-lab/internal/testbed"
)

// hostWith is a host that has plugins on PATH, and none elsewhere.
func hostWith(t *testing.T, plugins ...string) {
	t.Helper()
	bin := t.TempDir()
	for _, name := range plugins {
		if err := os.WriteFile(filepath.Join(bin, pluginProgram+name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("PULUMI_HOME", t.TempDir())
	t.Setenv(overridesVariable, "")
}

func TestWhatTheEngineWouldMissIsSaidBeforeItIsAsked(t *testing.T) {
	gone := testbed.Use{Broken: map[string]error{pluginProgram + "tls": errors.New("it is gone"), "kubectl": errors.New("it is gone")}}
	for name, c := range map[string]struct {
		has       []string
		made      testbed.Use
		overrides string
		reach     error
		says      string // empty: nothing
	}{
		"all are there":                  {has: []string{"docker", "kubernetes", "tls"}, made: gone, reach: errors.New("no such host")},
		"pulumi will fetch them":         {has: []string{"docker"}},
		"pulumi has them from elsewhere": {overrides: ".*=http://192.0.2.1", reach: errors.New("no such host")},
		"nobody has them": {
			has: []string{"docker"}, reach: errors.New("no such host"),
			says: "not on this host: the plugins kubernetes, tls; and get.pulumi.com does not answer (no such host); see to the network or its " +
				"proxy, set " + overridesVariable + ", or have them made by `make up`",
		},
		"the test bed's is gone": {
			has: []string{"docker", "kubernetes"}, made: gone, reach: errors.New("no such host"),
			says: "the test bed's pulumi-resource-tls: it is gone; `make up` makes it again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			hostWith(t, c.has...)
			t.Setenv(overridesVariable, c.overrides)
			err := needPlugins(t.Context(), c.made, func(context.Context, string) error { return c.reach })
			if said := ""; err != nil {
				said = err.Error()
				if said != c.says {
					t.Errorf("said %q, want %q", said, c.says)
				}
			} else if c.says != "" {
				t.Errorf("said nothing, want %q", c.says)
			}
		})
	}
}

func TestTheLanguageHostIsOnPathOrBesideTheCommand(t *testing.T) {
	hostWith(t)
	if path, err := languageHost(); err == nil {
		t.Errorf("found %s", path)
	}
	release, bin := t.TempDir(), t.TempDir()
	for _, name := range []string{"pulumi", "pulumi-language-go"} {
		if err := os.WriteFile(filepath.Join(release, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(release, "pulumi"), filepath.Join(bin, "pulumi")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{bin, release} {
		t.Setenv("PATH", path)
		if found, err := languageHost(); err != nil || !strings.HasPrefix(found, release) {
			t.Errorf("with PATH=%s: got %s, %v", path, found, err)
		}
	}
}
