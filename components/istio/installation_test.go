package istio

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
	"istio-lab/internal/mocktest"
)

func TestTheFormerIstioctlIsGoneBeforeTheNextOneRuns(t *testing.T) {
	resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
		provider, err := kubernetes.NewProvider(ctx, "west", &kubernetes.ProviderArgs{})
		if err != nil {
			return err
		}
		_, err = NewInstallation(ctx, "west-istio", &InstallationArgs{
			Cluster: cluster.Cluster{Name: "west", Provider: provider}, Operator: ControlPlane{}.Operator(),
			Image: "istioctl:1", ReadinessTimeout: time.Minute,
		})
		return err
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	jobs := 0
	for _, r := range resources {
		if r.Type != "kubernetes:batch/v1:Job" {
			continue
		}
		if jobs++; !r.RPC.GetDeleteBeforeReplace() {
			t.Errorf("%s runs beside its successor", r.Name)
		}
		const others = "spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchLabels"
		for _, labels := range []string{"spec.template.metadata.labels", others} {
			path, err := resource.ParsePropertyPath(labels + `["app.kubernetes.io/name"]`)
			if err != nil {
				t.Fatal(err)
			}
			if value, _ := path.Get(resource.NewProperty(r.Inputs)); !value.IsString() || value.StringValue() != "istioctl" {
				t.Errorf("%s runs at the same time as one that is in no state: %s is %v", r.Name, path, value)
			}
		}
	}
	if jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
}
