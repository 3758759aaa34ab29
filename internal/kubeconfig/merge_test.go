package kubeconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

// ofCluster is a kubeconfig as the lab makes it.
func ofCluster(name, ca string) string {
	return Render(ContextName(name), "https://127.0.0.1:32000", []byte(ca), User{Token: "t"})
}

func TestKubeconfigsAreMergedAndTakenOutAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", file)
	var said bytes.Buffer
	own := ofCluster("own", "own")
	if err := Merge([]string{own}, &said); err != nil {
		t.Fatal(err)
	}
	west, east := ofCluster("west", "1"), ofCluster("east", "2")
	if err := Merge([]string{west, east}, &said); err != nil {
		t.Fatal(err)
	}
	if want := file + ": context kind-east\nthe current context is kind-west\n"; !strings.HasSuffix(said.String(), want) {
		t.Errorf("said %q", &said)
	}
	// Another cluster has taken the name east since.
	if err := Merge([]string{ofCluster("east", "3")}, &said); err != nil {
		t.Fatal(err)
	}
	if err := Remove([]string{west, east}); err != nil {
		t.Fatal(err)
	}
	left, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(left.Contexts) != 2 || left.Contexts["kind-own"] == nil || left.Contexts["kind-east"] == nil || len(left.AuthInfos) != 2 ||
		len(left.Clusters) != 2 || left.CurrentContext != "kind-east" {
		t.Errorf("left is %+v", left)
	}
}

func TestAMergedKubeconfigFollowsItsClusters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", file)
	var said bytes.Buffer
	own, west, east := ofCluster("own", "own"), ofCluster("west", "1"), ofCluster("east", "2")
	for _, of := range [][]string{{west, east}, {own}} {
		if err := Merge(of, &said); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what, current string, authorities map[string]string) {
		t.Helper()
		got, err := clientcmd.LoadFromFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for name, c := range got.Clusters {
			found[name] = string(c.CertificateAuthorityData)
		}
		if !maps.Equal(found, authorities) || got.CurrentContext != current || len(got.Contexts) != len(found) || len(got.AuthInfos) != len(found) {
			t.Errorf("%s: %v, %v, the current one is %s", what, found, got.Contexts, got.CurrentContext)
		}
	}
	said.Reset()
	if err := Update([]string{west, east}, []string{west, east}, &said); err != nil || said.Len() > 0 {
		t.Errorf("nothing is new: %v, said %q", err, &said)
	}
	newWest := ofCluster("west", "3")
	if err := Update([]string{west, east}, []string{newWest, east}, &said); err != nil {
		t.Fatal(err)
	}
	expect("a node made anew", "kind-own", map[string]string{"kind-own": "own", "kind-west": "3", "kind-east": "2"})
	if err := Merge([]string{newWest}, &said); err != nil { // which makes it the current one
		t.Fatal(err)
	}
	elsewhere := strings.ReplaceAll(newWest, "127.0.0.1", "192.0.2.7")
	if err := Update([]string{newWest}, []string{elsewhere, east}, &said); err != nil {
		t.Fatal(err)
	}
	if got, err := clientcmd.LoadFromFile(file); err != nil || got.Clusters["kind-west"].Server != "https://192.0.2.7:32000" {
		t.Errorf("another address: %v, %v", got.Clusters["kind-west"], err)
	}
	if err := Update([]string{newWest, east}, []string{ofCluster("west-7", "4"), ofCluster("east-7", "5")}, &said); err != nil {
		t.Fatal(err)
	}
	expect("another student number", "kind-west-7", map[string]string{"kind-own": "own", "kind-west-7": "4", "kind-east-7": "5"})
	if want := file + ": context kind-east-7\nthe current context is kind-west-7\n"; !strings.HasSuffix(said.String(), want) {
		t.Errorf("said %q", &said)
	}
}

func TestMergedKubeconfigsFollowAChangeOfTheScenario(t *testing.T) {
	west, east, myk8s := ofCluster("west", "1"), ofCluster("east", "2"), ofCluster("myk8s", "3")
	for name, test := range map[string]struct {
		own         string // of the user
		merged, now []string
		want        []string // the contexts, the current one first
	}{
		"to extension":        {"", []string{west, east}, []string{myk8s}, []string{"kind-myk8s"}},
		"to multicluster":     {"", []string{myk8s}, []string{west, east}, []string{"kind-west", "kind-east"}},
		"a context elsewhere": {"own", []string{west, east}, []string{myk8s}, []string{"kind-own", "kind-myk8s"}},
		// It is not the lab's to overwrite.
		"the user has one of that name": {"myk8s", []string{west, east}, []string{myk8s}, []string{"kind-myk8s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "config"))
			if err := Merge(test.merged, io.Discard); err != nil {
				t.Fatal(err)
			}
			if test.own != "" {
				if err := Merge([]string{ofCluster(test.own, "own")}, io.Discard); err != nil {
					t.Fatal(err)
				}
			}
			if err := Update(test.merged, test.now, io.Discard); err != nil {
				t.Fatal(err)
			}
			got, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range test.want {
				if got.Contexts[name] == nil {
					t.Errorf("there is no context %s", name)
				}
			}
			if len(got.Contexts) != len(test.want) || got.CurrentContext != test.want[0] {
				t.Errorf("got %v, the current one is %s", slices.Sorted(maps.Keys(got.Contexts)), got.CurrentContext)
			}
			if authority := got.Clusters["kind-"+test.own]; test.own != "" && string(authority.CertificateAuthorityData) != "own" {
				t.Errorf("the user's own cluster is %s", authority.CertificateAuthorityData)
			}
		})
	}
}

func TestAKubeconfigThatWasNotMergedIsNotPutIn(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "config"))
	west, own := ofCluster("west", "1"), ofCluster("east", "own")
	if err := Merge([]string{west, own}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := Update([]string{west}, []string{ofCluster("east", "2"), ofCluster("west", "3")}, io.Discard); err != nil {
		t.Fatal(err)
	}
	got, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Clusters["kind-east"].CertificateAuthorityData) != "own" || string(got.Clusters["kind-west"].CertificateAuthorityData) != "3" {
		t.Errorf("got %+v", got.Clusters)
	}
}

func TestAKubeconfigOfManyFilesIsChangedWhereItsClustersAre(t *testing.T) {
	directory := t.TempDir()
	first, second := filepath.Join(directory, "first"), filepath.Join(directory, "second")
	t.Setenv("KUBECONFIG", second)
	west := ofCluster("west", "1")
	if err := Merge([]string{west}, io.Discard); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", first+string(filepath.ListSeparator)+second)
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{west, ofCluster("west", "2"), ofCluster("west-07", "3")} {
		before, err := clientcmd.NewDefaultPathOptions().GetStartingConfig()
		if err != nil {
			t.Fatal(err)
		}
		was, err := clientcmd.Write(*before)
		if err != nil {
			t.Fatal(err)
		}
		if err := Update([]string{string(was)}, []string{now}, io.Discard); err != nil {
			t.Fatal(err)
		}
		for file, want := range map[string]int{first: 0, second: 1} {
			if got, err := clientcmd.LoadFromFile(file); err != nil || len(got.Clusters) != want || len(got.Contexts) != want {
				t.Errorf("%s has %+v, %v", file, got, err)
			}
		}
	}
}

func TestTwoWritersAtOnceLoseNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("KUBECONFIG", file)
	const labs = 12
	var all sync.WaitGroup
	for i := range labs {
		all.Go(func() {
			stays, goes := ofCluster(fmt.Sprint("west-", i), "1"), ofCluster(fmt.Sprint("east-", i), "2")
			if err := Merge([]string{stays, goes}, io.Discard); err != nil {
				t.Error(err)
			}
			if err := Remove([]string{goes}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Contexts) != labs || len(got.Clusters) != labs || len(got.AuthInfos) != labs {
		t.Errorf("of %d contexts, these are left: %v", labs, slices.Sorted(maps.Keys(got.Contexts)))
	}
	for name := range got.Contexts {
		if !strings.HasPrefix(name, "kind-west-") {
			t.Errorf("%s was removed and is there again", name)
		}
	}
	if _, err := os.Stat(file + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the lock is left: %v", err)
	}
}

func TestALockThatStaysIsNamedAndKept(t *testing.T) {
	directory := t.TempDir()
	a, b := filepath.Join(directory, "a"), filepath.Join(directory, "b")
	if err := os.WriteFile(b+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lock([]string{b, a}, 50*time.Millisecond); err == nil || !strings.Contains(err.Error(), b+".lock") {
		t.Errorf("got %v, without the name of the lock", err)
	}
	if _, err := os.Stat(b + ".lock"); err != nil {
		t.Errorf("another process's lock: %v", err)
	}
	if _, err := os.Stat(a + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock of its own is left: %v", err)
	}
}
