//go:build e2e

package e2e

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is secret, wherever it stands in a text.
var (
	privateKey = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)-----END`)
	base64PEM  = regexp.MustCompile(`LS0tLS1CRUdJTi[A-Za-z0-9+/=]{100,}`)
	token      = regexp.MustCompile(`eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.([\w-]{40,})|token["']?:\s*["']?([\w.-]{20,})`)
)

// width is that of a line of PEM, and of a piece of a secret that is searched for.
const width = 64

func noSecretsInPlainText(t *testing.T, s *stack) {
	s.pulumi(t, "preview", "--diff", "--show-sames")
	s.lab(t, "preview", s.settings(t, "--stage=clusters", "--diff")...)
	s.lab(t, "output", "--json")
	s.pulumi(t, "stack", "export")
	// Two nodes have a CA and an administrator, the trust has a root and two intermediates.
	s.keepsSecrets(t, 7)
}

// keepsSecrets fails the test if one of the stack's secrets, so many private keys among them, is in plain text in its state, its settings
// or anything that was printed.
func (s *stack) keepsSecrets(t *testing.T, keys int) {
	t.Helper()
	export := s.reveal(t, "stack", "export")
	pieces, known := secretsIn(t, export)
	note(t, "searching for %d pieces of secrets, among them %d private keys", len(pieces), known)
	if known < keys || len(found(pieces, []byte(export))) == 0 {
		t.Fatalf("only %d of %d private keys are known, so this test tests too little", known, keys)
	}
	searched := 0
	search := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched += len(content)
		for _, origin := range found(pieces, content) {
			t.Errorf("%s holds a secret in plain text: %s", path, origin)
		}
		return nil
	}
	for _, directory := range []string{s.state, s.transcripts} {
		if err := filepath.WalkDir(directory, search); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(s.configFile()); err == nil {
		if err := filepath.WalkDir(s.configFile(), search); err != nil {
			t.Fatal(err)
		}
	}
	note(t, "in %d bytes", searched)
	if searched < len(export) {
		t.Error("that is less than the state alone")
	}
}

// found returns the origins of the pieces that a content holds.
func found(pieces map[string]string, content []byte) []string {
	origins := map[string]bool{}
	for piece, origin := range pieces {
		if bytes.Contains(content, []byte(piece)) {
			origins[origin] = true
		}
	}
	return slices.Sorted(maps.Keys(origins))
}

// secretsIn collects pieces of all private keys and tokens in an export of the state with its secrets in the clear; the
// value of each is where it was found. It counts the keys, each once, in however many places and forms it is.
func secretsIn(t *testing.T, export string) (pieces map[string]string, keys int) {
	t.Helper()
	var state struct {
		Deployment struct {
			Resources []struct {
				URN             string
				Inputs, Outputs json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(export), &state); err != nil {
		t.Fatal(err)
	}
	pieces = map[string]string{}
	public := map[string]bool{}
	for _, resource := range state.Deployment.Resources {
		for _, properties := range []json.RawMessage{resource.Inputs, resource.Outputs} {
			var value any
			if len(properties) == 0 {
				continue
			}
			if err := json.Unmarshal(properties, &value); err != nil {
				t.Fatal(err)
			}
			for _, text := range texts(value) {
				for _, secret := range secrets(text) {
					if half := publicHalf(secret); half != "" {
						public[half] = true
					}
					for _, piece := range cut(secret) {
						pieces[piece] = resource.URN
					}
				}
			}
		}
	}
	return pieces, len(public)
}

// publicHalf is what tells a key from others in every form of it, or empty for a secret that is not the body of one.
func publicHalf(secret string) string {
	der, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return ""
	}
	for _, parse := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
		func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
	} {
		key, err := parse(der)
		if signer, signs := key.(crypto.Signer); err == nil && signs {
			public, _ := x509.MarshalPKIXPublicKey(signer.Public())
			return string(public)
		}
	}
	return ""
}

// texts returns all strings in a value. A secret's plain text is JSON once more.
func texts(value any) []string {
	var all []string
	switch value := value.(type) {
	case string:
		all = append(all, value)
		var inner any
		if json.Unmarshal([]byte(value), &inner) == nil {
			if _, isText := inner.(string); isText || strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
				all = append(all, texts(inner)...)
			}
		}
	case []any:
		for _, item := range value {
			all = append(all, texts(item)...)
		}
	case map[string]any:
		for _, item := range value {
			all = append(all, texts(item)...)
		}
	}
	return all
}

// secrets returns the private keys and tokens in a text: the body of a key without its line ends, as its lines may be
// broken otherwise elsewhere, and the base64 forms of a key's PEM.
func secrets(text string) []string {
	var all []string
	for _, key := range privateKey.FindAllStringSubmatch(text, -1) {
		body := strings.Join(strings.Fields(key[1]), "")
		all = append(all, body, base64.StdEncoding.EncodeToString([]byte(key[0])))
	}
	for _, encoded := range base64PEM.FindAllString(text, -1) {
		if decoded, err := base64.StdEncoding.DecodeString(encoded); err == nil && privateKey.Match(decoded) {
			all = append(all, encoded)
			all = append(all, secrets(string(decoded))...)
		}
	}
	for _, match := range token.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1]+match[2])
	}
	return all
}

// cut cuts a secret into pieces as long as a line of PEM, which are found in a text that breaks the secret into lines
// too. Of a key only the second half is of use: the first holds the header that all PEM has, and the modulus, which
// certificates show. The first line of a body is worth it all the same, for it begins as no certificate does.
func cut(secret string) []string {
	if len(secret) <= width {
		return []string{secret}
	}
	var pieces []string
	if !strings.HasPrefix(secret, "LS0t") {
		pieces = append(pieces, secret[:width])
	}
	for from := len(secret) / 2 / width * width; from+width <= len(secret); from += width {
		if from > 0 {
			pieces = append(pieces, secret[from:from+width])
		}
	}
	return pieces
}
