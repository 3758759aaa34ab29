package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

const (
	backendVariable        = "PULUMI_BACKEND_URL"
	passphraseVariable     = "PULUMI_CONFIG_PASSPHRASE"
	passphraseFileVariable = "PULUMI_CONFIG_PASSPHRASE_FILE"
	updateCheckVariable    = "PULUMI_SKIP_UPDATE_CHECK"
)

// backend is where the stacks' state is, and what opens it.
type backend struct {
	url string
	// exports are the variables that are not in the environment yet; plain pulumi needs them to see the same stacks.
	exports map[string]string
}

// chooseBackend prefers what the person has chosen, by the environment or by `pulumi login`. Otherwise the state is embedded in
// the project, so that no account is needed, and so is the passphrase, so that nothing ever asks for one.
func chooseBackend(project string, lookup func(string) (string, bool), login string) backend {
	b := backend{exports: map[string]string{}}
	b.url, _ = lookup(backendVariable)
	if b.url == "" {
		b.url = login
	}
	if b.url == "" {
		b.url = "file://" + filepath.ToSlash(stateDirectory(project))
		b.exports[backendVariable] = b.url
	}
	_, passphrase := lookup(passphraseVariable) // pulumi takes an empty one as it is
	if file, _ := lookup(passphraseFileVariable); !passphrase && file == "" {
		b.exports[passphraseFileVariable] = filepath.Join(stateDirectory(project), "passphrase")
	}
	return b
}

// organization is whose stacks the engine takes those of the backend for; only Pulumi Cloud has several.
func (b backend) organization(project string) string {
	if _, isFile := b.directory(project); isFile || !strings.HasPrefix(b.url, "https://") {
		return "organization"
	}
	if config, err := workspace.GetPulumiConfig(); err == nil && config.BackendConfig[b.url].DefaultOrg != "" {
		return config.BackendConfig[b.url].DefaultOrg
	}
	account, _ := workspace.GetAccount(b.url) // without one there are no stacks
	return account.Username
}

// currentLogin is the backend that `pulumi login` chose; empty if there is none.
func currentLogin() (string, error) {
	credentials, err := workspace.GetStoredCredentials()
	if err != nil {
		return "", fmt.Errorf("read where pulumi is logged in to: %w", err)
	}
	return credentials.Current, nil
}

func stateDirectory(project string) string { return filepath.Join(project, ".state") }

// prepare makes the embedded state's directory and passphrase where they are needed and missing.
func (b backend) prepare(project string) error {
	if len(b.exports) == 0 {
		return nil
	}
	if err := os.MkdirAll(stateDirectory(project), 0o700); err != nil {
		return fmt.Errorf("make the directory of the state: %w", err)
	}
	file := b.exports[passphraseFileVariable]
	if file == "" {
		return nil
	}
	if _, err := os.Stat(file); err == nil {
		return nil // nothing is written where nothing is missing: the project may be read-only by now
	}
	// Written apart and linked, so that of two commands at once both use the passphrase of the first, and never half of one.
	draft, err := os.CreateTemp(stateDirectory(project), "passphrase-*")
	if err != nil {
		return fmt.Errorf("make a passphrase: %w", err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(rand.Text() + "\n")
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Link(draft.Name(), file)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a passphrase: %w", err)
	}
	return nil
}

// directory is where a file backend keeps its state; false for another kind of backend.
func (b backend) directory(project string) (string, bool) {
	path, isFile := strings.CutPrefix(b.url, "file://")
	if !isFile {
		return "", false
	}
	path, _, _ = strings.Cut(path, "?")
	switch path = filepath.FromSlash(path); {
	case path == "~" || strings.HasPrefix(path, "~"+string(filepath.Separator)):
		home, err := os.UserHomeDir()
		return filepath.Join(home, path[1:]), err == nil
	case !filepath.IsAbs(path):
		return filepath.Join(project, path), true
	}
	return path, true
}
