package stacks_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
)

// onExisting is the configuration of a lab on clusters of a person's own.
func onExisting(scenario settings.Scenario) map[string]string {
	clusters := `"west": {"context": "a", "server": "https://a:6443"}, "east": {"context": "b", "server": "https://b:6443"}`
	if scenario == settings.Extension {
		clusters = `"myk8s": {"context": "a"}`
	}
	return map[string]string{
		"istio-lab:scenario": string(scenario), "istio-lab:student": "7",
		"istio-lab:lab": `{"clusters": {` + clusters + `}, ` + standIns + `}`,
	}
}

// onTheirs runs a check on each scenario on clusters of a person's own.
func onTheirs(t *testing.T, check func(t *testing.T, resources []mocktest.Resource)) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		for _, preview := range []bool{false, true} {
			t.Run(string(scenario), func(t *testing.T) { check(t, run(t, onExisting(scenario), preview)) })
		}
	}
}

func TestOnClustersOfAPersonNothingIsMadeButObjectsInThem(t *testing.T) {
	onTheirs(t, func(t *testing.T, resources []mocktest.Resource) {
		objects := 0
		for _, r := range resources {
			switch {
			case r.Kubernetes():
				objects++
			case r.Custom && !strings.HasPrefix(r.Type, "tls:") && r.Type != "pulumi:providers:kubernetes":
				t.Errorf("%s %s is made", r.Type, r.Name)
			}
			if strings.Contains(r.Name, "metallb") || strings.Contains(r.Name, "kube-ops-view") || strings.Contains(r.Name, "metrics-server") {
				t.Errorf("%s %s is the cluster's business", r.Type, r.Name)
			}
		}
		if objects == 0 {
			t.Error("there is no object to look at")
		}
	})
}

// A cluster that stays after the lab is not to keep what the lab has put into it, and is not to lose what it had before.
func TestOnClustersOfAPersonEveryObjectIsTakenOutAndMarkedWhereNoNamespaceIs(t *testing.T) {
	onTheirs(t, func(t *testing.T, resources []mocktest.Resource) {
		marked := 0
		for _, r := range resources {
			if r.Type == "pulumi:providers:kubernetes" && r.Inputs.HasValue("deleteUnreachable") {
				t.Errorf("what is in %s is forgotten when it does not answer", r.Name)
			}
			if !r.Kubernetes() {
				continue
			}
			if r.DeletedWith != "" {
				t.Errorf("%s %s is left when %s goes", r.Type, r.Name, r.DeletedWith)
			}
			if r.Type == "kubernetes:helm.sh/v3:Release" {
				continue
			}
			metadata := r.Inputs["metadata"].ObjectValue()
			if metadata.HasValue("namespace") {
				continue
			}
			marked++
			if !metadata.HasValue("annotations") || !metadata["annotations"].ObjectValue().HasValue("istio-lab.stack") {
				t.Errorf("%s %s does not say whose it is", r.Type, r.Name)
			}
		}
		if marked < 3 {
			t.Errorf("%d objects are of no namespace", marked)
		}
	})
}

func TestOnClustersOfAPersonNoAddressAndNoNodePortIsPinned(t *testing.T) {
	onTheirs(t, func(t *testing.T, resources []mocktest.Resource) {
		for _, r := range resources {
			text := resource.NewProperty(r.Inputs).String()
			for _, pinned := range []string{"nodePort", "loadBalancerIPs", "10.118.", "NodePort"} {
				if strings.Contains(text, pinned) && r.Kubernetes() {
					t.Errorf("%s %s has %s: %s", r.Type, r.Name, pinned, text)
				}
			}
		}
	})
}

func TestOnClustersOfAPersonTheLocalityIsThePodsOwn(t *testing.T) {
	found := 0
	for _, r := range run(t, onExisting(settings.Multicluster), false) {
		if strings.Contains(r.Name, "simple-backend") && r.Type == "kubernetes:apps/v1:Deployment" ||
			strings.HasSuffix(r.Name, "-istio-spec") {
			region := strings.SplitN(r.Name, "-", 2)[0] + "us.0"
			if !strings.Contains(resource.NewProperty(r.Inputs).String(), region) {
				t.Errorf("%s %s does not say that it is in %s", r.Type, r.Name, region)
			}
			found++
		}
	}
	if found != 4 {
		t.Errorf("%d objects could say where they are, not 4", found)
	}
}

func TestARemoteSecretNamesTheServerOfTheClusterThatIsThere(t *testing.T) {
	for _, r := range run(t, onExisting(settings.Multicluster), false) {
		if r.Name == "west-07-reads-east-07" && r.Type == "kubernetes:core/v1:Secret" {
			data := r.Inputs["stringData"]
			for data.IsSecret() {
				data = data.SecretValue().Element
			}
			text := data.ObjectValue()["east-cluster"]
			for text.IsSecret() {
				text = text.SecretValue().Element
			}
			if !strings.Contains(text.StringValue(), "https://b:6443") {
				t.Errorf("it has %s", text)
			}
			return
		}
	}
	t.Error("there is none")
}
