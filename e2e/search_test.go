//go:build e2e

package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
)

// TestTheSearchForSecretsFindsThem looks for a key in the ways in which one gets into a file or a log. It needs no
// cluster.
func TestTheSearchForSecretsFindsThem(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}))
	quoted, _ := json.Marshal(text) // a string
	body := strings.Join(strings.Split(strings.TrimSpace(text), "\n")[1:26], "")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	export := fmt.Sprintf(`{"deployment": {"resources": [{"urn": "a key", "outputs": {"pem": {"plaintext": %q}, "pkcs8": {"plaintext": %q}}}]}}`,
		quoted, other)
	pieces, keys := secretsIn(t, export)
	if keys != 1 {
		t.Errorf("one key in two forms is taken for %d", keys)
	}

	for name, leak := range map[string]string{
		"PEM":                           text,
		"PEM in JSON":                   string(quoted),
		"PEM, indented":                 strings.ReplaceAll(text, "\n", "\n      "),
		"the body on one line":          body,
		"the first line of the body":    strings.Split(text, "\n")[1],
		"the last full lines":           strings.Join(strings.Split(text, "\n")[20:25], "\n"),
		"the body in lines of MIME":     wrap(body, 76),
		"base64 of PEM":                 base64.StdEncoding.EncodeToString([]byte(text)),
		"base64 of PEM, lines of MIME":  wrap(base64.StdEncoding.EncodeToString([]byte(text)), 76),
		"base64 of PEM in a kubeconfig": "client-key-data: " + base64.StdEncoding.EncodeToString([]byte(text)) + "\n",
	} {
		if len(found(pieces, []byte("before "+leak+" after"))) != 1 {
			t.Errorf("%s is not found", name)
		}
	}
	if origins := found(pieces, []byte(public)); len(origins) > 0 {
		t.Error("the public key is taken for a secret")
	}
}

// wrap breaks a text into lines.
func wrap(text string, width int) string {
	var lines []string
	for ; len(text) > width; text = text[width:] {
		lines = append(lines, text[:width])
	}
	return strings.Join(append(lines, text), "\n")
}
