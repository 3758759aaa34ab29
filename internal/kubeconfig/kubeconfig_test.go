package kubeconfig

import (
	"encoding/base64"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestEveryPartHasTheOneName(t *testing.T) {
	text := Render("kind-west", "https://127.0.0.1:32000", []byte("ca"), User{
		Certificate: []byte("certificate"), Key: []byte("key"),
	})
	var config struct {
		CurrentContext string `json:"current-context"`
		Clusters       []struct {
			Name    string
			Cluster map[string]string
		}
		Contexts []struct{ Name string }
		Users    []struct {
			Name string
			User map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{config.CurrentContext, config.Clusters[0].Name, config.Contexts[0].Name, config.Users[0].Name} {
		if name != "kind-west" {
			t.Errorf("a part is named %s", name)
		}
	}
	if got := config.Clusters[0].Cluster["certificate-authority-data"]; got != base64.StdEncoding.EncodeToString([]byte("ca")) {
		t.Errorf("CA is %s", got)
	}
	if got := config.Users[0].User["client-key-data"]; got != base64.StdEncoding.EncodeToString([]byte("key")) {
		t.Errorf("key is %s", got)
	}
}
