package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPodsGetAddressesOfThePodRange(t *testing.T) {
	text, err := conflist(netip.MustParsePrefix("10.10.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		CNIVersion string
		Plugins    []struct {
			Type string
			IPAM struct {
				Ranges [][]struct{ Subnet string }
			}
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Plugins) != 2 || list.Plugins[0].Type != "ptp" || list.Plugins[1].Type != "portmap" {
		t.Fatalf("got %+v", list)
	}
	if got := list.Plugins[0].IPAM.Ranges[0][0].Subnet; got != "10.10.0.0/16" {
		t.Errorf("got %s", got)
	}
}

func TestTheConfigurationIsWrittenOnceAndAgainWhenItIsGone(t *testing.T) {
	path, pods := filepath.Join(t.TempDir(), "10-kindnet.conflist"), netip.MustParsePrefix("10.10.0.0/16")
	before := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, gone := range []bool{true, false, true} {
		if gone {
			os.Remove(path)
		} else if err := os.Chtimes(path, before, before); err != nil {
			t.Fatal(err)
		}
		if err := configure(path, pods); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if kept := info.ModTime().Equal(before); kept == gone {
			t.Errorf("gone %v: the file was kept %v", gone, kept)
		}
	}
}
