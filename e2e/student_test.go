//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

// aPersonFollowsTheLab does with a whole lab what its lessons say.
func aPersonFollowsTheLab(t *testing.T, s *stack) {
	var answers struct {
		Requests int
		Replies  []struct {
			Status, Count int
			By            string
		}
	}
	for who, by := range map[string]string{"webapp": "4 items", "simple-backend": "Hello from WEST"} {
		text := s.lab(t, "traffic", who, "--requests=3", "--interval=0s", "--json").stdout
		if err := json.Unmarshal([]byte(text), &answers); err != nil {
			t.Fatal(err)
		}
		if answers.Requests != 3 || len(answers.Replies) != 1 || answers.Replies[0].Status != 200 || answers.Replies[0].By != by {
			t.Errorf("of three requests to %s: %s", who, text)
		}
	}

	file := filepath.Join(t.TempDir(), "config")
	merge := s.labCommand(t.Context(), t, "kubeconfig", "--merge")
	merge.Env = append(merge.Env, "KUBECONFIG="+file)
	if _, err := s.record(t, merge, "kubeconfig"); err != nil {
		t.Fatal(err)
	}
	merged, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.members(t) {
		if !strings.Contains(s.lab(t, "env").stdout, "='kubectl --context=kind-"+c.Name+"'") || merged.Contexts["kind-"+c.Name] == nil {
			t.Errorf("an alias for %s leads nowhere: %v", c.Name, merged.Contexts)
		}
	}
	if merged.CurrentContext != "kind-"+s.slot.West.Name {
		t.Errorf("the current context is %s, not that of the manual's first cluster", merged.CurrentContext)
	}
	if r, err := os.Stat(file); err != nil || r.Mode().Perm() != 0o600 {
		t.Errorf("the kubeconfig can be read by others: %v, %v", r, err)
	}

	if got := s.lab(t, "open", "prometheus", "--print").stdout; !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("prometheus is to be opened at %q", got)
	}
}

// thePagesTurn goes back by a stage and on again, as a person who reads.
func thePagesTurn(t *testing.T, s *stack) {
	if r := s.lab(t, "back", "--yes", "--lang=ko"); !strings.Contains(r.stdout, "\nlocality\n\n같은 서비스") {
		t.Errorf("going back is not explained:\n%s", r.stdout)
	}
	if r := s.lab(t, "next"); !strings.Contains(r.stdout, "\npolicy\n\nIdentities hold across clusters") ||
		!strings.Contains(r.stdout, "lab --stack "+s.name+" verify") {
		t.Errorf("going on is not explained:\n%s", r.stdout)
	}
	if _, err := s.tryLab(t.Context(), t, "next"); err == nil || !strings.Contains(err.Error(), "policy is the last stage of multicluster") {
		t.Errorf("after the last stage: %v", err)
	}
}
