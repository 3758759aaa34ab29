package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"istio-lab/internal/mocktest"
)

func TestAFailingWestBackendIsOneVariableOfOneDeployment(t *testing.T) {
	byName := func(lab string) map[string]mocktest.Resource {
		resources := map[string]mocktest.Resource{}
		for _, r := range run(t, map[string]string{"istio-lab:lab": lab}, false) {
			resources[r.Type+" "+r.Name] = r
		}
		return resources
	}
	works, fails := byName("{"+standIns+"}"), byName("{"+standIns+`, "westBackendFails": true}`)
	var changed []string
	for key, r := range fails {
		if r.Kubernetes() && !withoutRandom(r.Inputs).DeepEquals(withoutRandom(works[key].Inputs)) {
			changed = append(changed, key)
		}
	}
	deployment := "kubernetes:apps/v1:Deployment west-simple-backend"
	if !slices.Equal(changed, []string{deployment}) || len(works) != len(fails) {
		t.Fatalf("what changes is %v, not %s alone", changed, deployment)
	}
	before, after := environment(works[deployment]), environment(fails[deployment])
	added := slices.DeleteFunc(after, func(v string) bool { return slices.Contains(before, v) })
	if !slices.Equal(added, []string{"ERROR_RATE=1"}) {
		t.Errorf("what is added to the environment is %v", added)
	}
}

// environment lists the variables of a Deployment's container.
func environment(r mocktest.Resource) []string {
	var variables []string
	pod := r.Inputs["spec"].ObjectValue()["template"].ObjectValue()["spec"].ObjectValue()
	for _, v := range pod["containers"].ArrayValue()[0].ObjectValue()["env"].ArrayValue() {
		if value, literal := v.ObjectValue()["value"]; literal {
			variables = append(variables, v.ObjectValue()["name"].StringValue()+"="+value.StringValue())
		}
	}
	return variables
}

func TestEachIstiodReadsTheOtherClusterByItsNodesNameAndItsMeshName(t *testing.T) {
	kubeconfigs := map[string]string{} // by the cluster that reads
	for _, r := range run(t, configure(map[string]string{"istio-lab:student": "7"}), false) {
		if r.Type == "kubernetes:core/v1:Secret" && strings.HasPrefix(metadata(r, "name"), "istio-remote-secret-") {
			walk(r.Inputs, func(path, text string, _ bool) {
				if strings.HasPrefix(path, ".stringData.") {
					kubeconfigs[r.ProviderName()+path] = text
				}
			})
		}
	}
	for key, server := range map[string]string{
		"west-07.stringData.east-cluster": "server: https://east-07-control-plane:6443",
		"east-07.stringData.west-cluster": "server: https://west-07-control-plane:6443",
	} {
		if !strings.Contains(kubeconfigs[key], server) {
			t.Errorf("%s is %q, without %s", key, kubeconfigs[key], server)
		}
	}
}
