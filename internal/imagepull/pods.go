package imagepull

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sigs.k8s.io/yaml"
)

// api is the API of a cluster as far as it is used here.
//
// It stands for k8s.io/client-go, of which the REST client and the types of the core group take 22 s of a core to compile, and the
// typed clients 90 s (measured 2026-11-23). The whole program takes 130 s, which the first `pulumi preview` waits for.
type api struct {
	server string
	client *http.Client
}

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

// connect returns the API that a kubeconfig names, without asking it anything.
func connect(kubeconfig string) (*api, error) {
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Certificate []byte `json:"client-certificate-data"`
				Key         []byte `json:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal([]byte(kubeconfig), &config); err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, errors.New("the kubeconfig has not one cluster and one user")
	}
	cluster, user := config.Clusters[0].Cluster, config.Users[0].User
	certificate, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig's client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cluster.CA)
	return &api{server: cluster.Server, client: &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		},
	}}, nil
}

func (a *api) close() { a.client.CloseIdleConnections() }

// pendingPods lists the pods of which a container has never started.
func (a *api) pendingPods(ctx context.Context) ([]pod, error) {
	var list struct{ Items []pod }
	err := a.do(ctx, http.MethodGet, "/api/v1/pods?fieldSelector=status.phase%3DPending", &list)
	return list.Items, err
}

func (a *api) deletePod(ctx context.Context, p pod) error {
	return a.do(ctx, http.MethodDelete, "/api/v1/namespaces/"+p.Metadata.Namespace+"/pods/"+p.Metadata.Name, &struct{}{})
}

func (a *api) do(ctx context.Context, method, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, a.server+path, nil)
	if err != nil {
		return err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
