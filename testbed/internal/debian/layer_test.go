package debian

import (
	"strings"
	"testing"
)

func TestALayerLeavesOutWhatNoImageNeedsAndWhatItsRecipeDrops(t *testing.T) {
	layer := Layer{Drop: []string{"usr/lib/systemd/system/sockets.target.wants/*initctl*", "etc/systemd/system/*.wants"}}
	for name, want := range map[string]bool{
		"usr/bin/bash":                         true,
		"dev":                                  true,
		"dev/null":                             false,
		"usr/share/doc/bash/README":            false,
		"usr/share/docbook":                    true,
		"etc/machine-id":                       false,
		"var/cache":                            true,
		"var/cache/apt/archives":               false,
		"etc/systemd/system/a.wants":           false,
		"etc/systemd/system/a.wants/b.service": false,
		"usr/lib/systemd/system/sockets.target.wants/systemd-initctl.socket":  false,
		"usr/lib/systemd/system/sockets.target.wants/systemd-journald.socket": true,
		"usr/lib/x86_64-linux-gnu/perl-base/strict.pm":                        false,
		"usr/lib/x86_64-linux-gnu/libcurl.so.4":                               true,
	} {
		if got := layer.wants(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestALayerKeepsOnlyWhatItsRecipeNames(t *testing.T) {
	layer := Layer{Keep: []string{"usr/bin/etcd"}}
	for name, want := range map[string]bool{"usr/bin/etcd": true, "usr/bin/bash": false, "etc/init.d/etcd": false} {
		if got := layer.wants(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestTheKeyChangesWithEveryPartOfTheRecipe(t *testing.T) {
	seen := map[string]string{}
	for name, layer := range map[string]Layer{
		"original": {Packages: []string{"curl"}},
		"packages": {Packages: []string{"curl", "bash"}},
		"extract":  {Packages: []string{"curl"}, Extract: true},
		"keep":     {Packages: []string{"curl"}, Keep: []string{"usr/bin/curl"}},
		"drop":     {Packages: []string{"curl"}, Drop: []string{"usr/bin/curl"}},
	} {
		key, err := layer.Key()
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[key]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[key] = name
	}
}

func TestSourcesAreTheArchivesOfTheReleaseOnly(t *testing.T) {
	got, err := sources(strings.Join([]string{
		"http://b.example/debian-security/ bookworm-security main",
		"http://a.example/debian/ bookworm main",
		"http://a.example/debian/ bookworm main",
		"http://a.example/debian/ trixie main",
		"http://a.example/debian/ bookworm",
	}, "\n"))
	want := "deb http://a.example/debian/ bookworm main\ndeb http://b.example/debian-security/ bookworm-security main\n"
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := sources("http://a.example/debian/ trixie main\n"); err == nil || !strings.Contains(err.Error(), Release) {
		t.Errorf("without an archive of %s: got %v", Release, err)
	}
}
