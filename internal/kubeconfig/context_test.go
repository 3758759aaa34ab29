package kubeconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAContextIsTakenOutOfItsFileWithTheFilesThatItNames(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	text := `apiVersion: v1
kind: Config
current-context: b
clusters:
- {name: one, cluster: {server: "https://one:6443", certificate-authority: ca.pem}}
- {name: two, cluster: {server: "https://two:6443"}}
users:
- {name: ann, user: {token: of-ann}}
- {name: bob, user: {token: of-bob}}
contexts:
- {name: a, context: {cluster: one, user: ann}}
- {name: b, context: {cluster: two, user: bob}}
`
	for name, content := range map[string]string{"ca.pem": "certificate", "config": text} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KUBECONFIG", filepath.Join(home, "config"))
	for _, file := range []string{filepath.Join(home, "config"), ""} {
		got, err := Context(file, "a")
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"current-context: a", "https://one:6443", "of-ann", "Y2VydGlmaWNhdGU="} { // the last is the certificate
			if !strings.Contains(got, part) {
				t.Errorf("of %q: %s is missing:\n%s", file, part, got)
			}
		}
		if strings.Contains(got, "two") || strings.Contains(got, "bob") {
			t.Errorf("of %q: another context's are there:\n%s", file, got)
		}
	}
	if _, err := Context("", "c"); err == nil || !strings.Contains(err.Error(), `has no context "c"`) || !strings.Contains(err.Error(), "a, b") {
		t.Errorf("a context that is not there: %v", err)
	}
}
