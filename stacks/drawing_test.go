package stacks_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/drawing"
	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

// runs are the types of what runs: it has to be in the pictures.
var runs = []string{
	"docker:index/container:Container", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:DaemonSet", "kubernetes:batch/v1:Job",
}

func TestThePicturesOfTheStagesShowWhatTheProgramMakes(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		t.Run(string(scenario), func(t *testing.T) {
			var lock sync.Mutex
			stageOf := map[string]settings.Stage{} // by the name of the resource
			workloads := map[string]bool{}
			listener := stacks.Listener{Registers: func(stage settings.Stage, typ, name string) {
				lock.Lock()
				defer lock.Unlock()
				stageOf[name] = stage
				if slices.Contains(runs, typ) {
					workloads[name] = true
				}
			}}
			config := configure(map[string]string{"istio-lab:scenario": string(scenario)})
			made, err := mocktest.Run(func(ctx *pulumi.Context) error { return stacks.Run(ctx, config, ".", listener) }, false)
			if err != nil {
				t.Fatal(err)
			}
			place := map[string]string{} // of what has a namespace that it is run in
			for _, r := range made {
				if slices.Contains(runs, r.Type) && r.Kubernetes() && r.Type != "kubernetes:batch/v1:Job" {
					place[r.Name] = r.ProviderName() + " " + metadata(r, "namespace")
				}
			}
			for _, thing := range drawing.Things(scenario) {
				for _, name := range thing.Made {
					if stageOf[name] != thing.Stage {
						t.Errorf("%s is drawn from %q on, and %s is made by %q", thing.ID, thing.Stage, name, stageOf[name])
					}
					if at := thing.Cluster + " " + thing.Namespace; place[name] != "" && place[name] != at {
						t.Errorf("%s is drawn in %s, and %s is in %s", thing.ID, at, name, place[name])
					}
					delete(workloads, name)
				}
				for i, stage := range settings.Stages(scenario) {
					there := slices.Index(settings.Stages(scenario), thing.Stage) <= i
					picture := drawing.Picture(scenario, stage)
					if shown := strings.Contains(picture, " "+thing.ID+"[") || strings.Contains(picture, " "+thing.ID+"{"); shown != there {
						t.Errorf("%s is in the picture of %s: %t", thing.ID, stage, shown)
					}
				}
			}
			for name := range workloads {
				t.Errorf("%s of stage %s is in no picture", name, stageOf[name])
			}
		})
	}
}
