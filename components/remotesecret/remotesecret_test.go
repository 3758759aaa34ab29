package remotesecret

import (
	"encoding/base64"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func TestTheKubeconfigIsOneThatIstiodTakes(t *testing.T) {
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	text, err := renderKubeconfig("east-cluster", "https://east-control-plane:6443", map[string]string{
		"token": encode("a.b.c"), "ca.crt": encode("PEM"),
	})
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	context := config.Contexts[config.CurrentContext]
	if context == nil {
		t.Fatalf("no current context in\n%s", text)
	}
	cluster, user := config.Clusters[context.Cluster], config.AuthInfos[context.AuthInfo]
	if cluster.Server != "https://east-control-plane:6443" || string(cluster.CertificateAuthorityData) != "PEM" {
		t.Errorf("the cluster is %+v", cluster)
	}
	if user.Token != "a.b.c" {
		t.Errorf("the token is %q", user.Token)
	}
}

func TestAnUnfilledTokenIsRefusedByTheClustersName(t *testing.T) {
	for name, data := range map[string]map[string]string{
		"nothing": {}, "no certificate": {"token": "YQ=="}, "no token": {"ca.crt": "YQ=="}, "not base64": {"token": "%", "ca.crt": "YQ=="},
	} {
		if text, err := renderKubeconfig("east-cluster", "https://x", data); err == nil || !strings.Contains(err.Error(), "east-cluster") {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
}
