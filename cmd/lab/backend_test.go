package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func environment(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, set := variables[name]
		return value, set
	}
}

func TestThePersonsOwnBackendWins(t *testing.T) {
	const passphrase = "/p/.state/passphrase"
	for name, test := range map[string]struct {
		variables map[string]string
		login     string
		url       string
		exports   map[string]string
	}{
		"nothing is chosen": {
			url:     "file:///p/.state",
			exports: map[string]string{backendVariable: "file:///p/.state", passphraseFileVariable: passphrase},
		},
		"a login": {
			login: "https://api.pulumi.com", url: "https://api.pulumi.com",
			exports: map[string]string{passphraseFileVariable: passphrase},
		},
		"the environment, over a login": {
			variables: map[string]string{backendVariable: "s3://bucket"}, login: "https://api.pulumi.com",
			url: "s3://bucket", exports: map[string]string{passphraseFileVariable: passphrase},
		},
		"a passphrase": {
			variables: map[string]string{passphraseVariable: "secret"}, url: "file:///p/.state",
			exports: map[string]string{backendVariable: "file:///p/.state"},
		},
		"an empty passphrase, which is one too": {
			variables: map[string]string{passphraseVariable: ""}, url: "file:///p/.state",
			exports: map[string]string{backendVariable: "file:///p/.state"},
		},
		"everything": {
			variables: map[string]string{backendVariable: "file://~", passphraseFileVariable: "/mine"}, url: "file://~",
			exports: map[string]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := chooseBackend("/p", environment(test.variables), test.login)
			if b.url != test.url || !maps.Equal(b.exports, test.exports) {
				t.Errorf("%s %v", b.url, b.exports)
			}
		})
	}
}

func TestThePassphraseIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	project := t.TempDir()
	b := chooseBackend(project, environment(nil), "")
	var first []byte
	for range 2 {
		if err := b.prepare(project); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(b.exports[passphraseFileVariable])
		if err != nil || len(text) < 20 || first != nil && string(text) != string(first) {
			t.Fatalf("%q after %q, %v", text, first, err)
		}
		first = text
	}
	info, err := os.Stat(b.exports[passphraseFileVariable])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if files, _ := os.ReadDir(stateDirectory(project)); len(files) != 1 {
		t.Errorf("more than the passphrase is left: %v", files)
	}
}

func TestWhereThePassphraseIsThereNothingIsWritten(t *testing.T) {
	project := t.TempDir()
	b := chooseBackend(project, environment(nil), "")
	if err := b.prepare(project); err != nil {
		t.Fatal(err)
	}
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(stateDirectory(project), long, long); err != nil {
		t.Fatal(err)
	}
	if err := b.prepare(project); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(stateDirectory(project)); err != nil || !info.ModTime().Equal(long) {
		t.Errorf("the directory was written to at %v, %v", info.ModTime(), err)
	}
}

func TestNothingIsMadeForAPersonsOwnBackendAndPassphrase(t *testing.T) {
	project := t.TempDir()
	own := map[string]string{backendVariable: "file://~", passphraseVariable: "p"}
	if err := chooseBackend(project, environment(own), "").prepare(project); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stateDirectory(project)); err == nil {
		t.Error("there is a .state")
	}
}

func TestAFileBackendHasADirectory(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	for url, want := range map[string]string{
		"file:///p/.state": "/p/.state", "file://~": "/home/ann", "file://~/labs": "/home/ann/labs", "file://./here": "/p/here",
		"file:///p/.state?no_tmp_dir=true": "/p/.state", "https://api.pulumi.com": "", "s3://bucket": "",
	} {
		if got, ok := (backend{url: url}).directory("/p"); filepath.ToSlash(got) != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", url, got, ok)
		}
	}
}
