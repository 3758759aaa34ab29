package imagepull

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"istio-lab/internal/kubeapi"
)

// answerWithin bounds one question to an API server.
const answerWithin = 5 * time.Second

// pod is a Kubernetes pod.
type pod struct {
	Metadata struct {
		Namespace, Name, UID string
		OwnerReferences      []struct{ Kind string }
	}
	Status struct{ InitContainerStatuses, ContainerStatuses []containerStatus }
}

type containerStatus struct {
	Name, Image string
	State       struct {
		Waiting struct{ Reason, Message string }
	}
}

func (p pod) String() string { return p.Metadata.Namespace + "/" + p.Metadata.Name }

func (p pod) containers() []containerStatus {
	return append(p.Status.InitContainerStatuses, p.Status.ContainerStatuses...)
}

// replaceable says whether a controller makes the pod anew when it is deleted. A Job may count it as failed instead.
func (p pod) replaceable() bool {
	owners := p.Metadata.OwnerReferences
	return len(owners) > 0 && owners[0].Kind != "Job"
}

// pendingPods lists the pods of which a container has never started.
func pendingPods(ctx context.Context, api *kubeapi.API) ([]pod, error) {
	var list struct{ Items []pod }
	const path = "/api/v1/pods?fieldSelector=status.phase%3DPending"
	found, err := api.Ask(ctx, http.MethodGet, path, nil, &list)
	if err == nil && !found {
		err = fmt.Errorf("there is no %s", path)
	}
	return list.Items, err
}

func deletePod(ctx context.Context, api *kubeapi.API, p pod) error {
	_, err := api.Ask(ctx, http.MethodDelete, "/api/v1/namespaces/"+p.Metadata.Namespace+"/pods/"+p.Metadata.Name, nil, &struct{}{})
	return err
}
