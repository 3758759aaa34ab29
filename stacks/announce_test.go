package stacks_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/mocktest"
	"istio-lab/internal/settings"
	"istio-lab/stacks"
)

func TestEveryResourceIsAnnouncedWithTheStageThatAddsIt(t *testing.T) {
	for _, scenario := range []settings.Scenario{settings.Multicluster, settings.Extension} {
		t.Run(string(scenario), func(t *testing.T) {
			var lock sync.Mutex
			announced := map[[2]string]settings.Stage{}
			listener := stacks.Listener{Registers: func(stage settings.Stage, typ, name string) {
				lock.Lock()
				defer lock.Unlock()
				if _, twice := announced[[2]string{typ, name}]; twice {
					t.Errorf("%s %s is announced twice", typ, name)
				}
				announced[[2]string{typ, name}] = stage
			}}
			config := configure(map[string]string{"istio-lab:scenario": string(scenario)})
			_, err := mocktest.Run(func(ctx *pulumi.Context) error { return stacks.Run(ctx, config, ".", listener) }, false)
			if err != nil {
				t.Fatal(err)
			}
			stages := settings.Stages(scenario)
			for i, stage := range stages {
				config["istio-lab:stage"] = string(stage)
				made := map[[2]string]bool{}
				for _, r := range run(t, config, false) {
					if r.Custom && !strings.HasPrefix(r.Type, "pulumi:providers:") {
						made[[2]string{r.Type, r.Name}] = true
					}
				}
				for what, of := range announced {
					if made[what] != (slices.Index(stages, of) <= i) {
						t.Errorf("%s is announced as of %s, and whether %s makes it is %t", what, of, stage, made[what])
					}
				}
				for what := range made {
					if _, told := announced[what]; !told {
						t.Errorf("%s is not announced", what)
					}
				}
			}
		})
	}
}
