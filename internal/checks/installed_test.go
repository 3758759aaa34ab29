package checks

import (
	"testing"

	"istio-lab/internal/settings"
)

func TestWhatIsStoppedOrMissingIsGoneAndWhatDoesNotAnswerIsNot(t *testing.T) {
	const apps = "/apis/apps/v1/namespaces/istio-system/deployments/"
	deployment := func(name string, replicas int) object {
		return object{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": object{"name": name}, "spec": object{"replicas": replicas},
			"status": object{"replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas},
		}
	}
	s := parsed(t, map[string]string{settings.KeyStage: string(settings.Mesh)})
	silent, err := Connect(s.Slot.East, kubeconfigOf("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{settings: s, clusters: map[string]*Cluster{
		s.Slot.West.Name: serving(t, map[string]any{
			// istiod is stopped, and the gateway has lost its Service.
			apps + istiodName: deployment(istiodName, 0), apps + ingressName: deployment(ingressName, 1),
		}),
		s.Slot.East.Name: silent,
	}}
	var gone []string
	for _, g := range l.Uninstalled(t.Context()) {
		gone = append(gone, g.Cluster+" "+g.Deployment)
	}
	if len(gone) != 2 || gone[0] != "west istiod" || gone[1] != "west istio-ingressgateway" {
		t.Errorf("gone are %q", gone)
	}
}
