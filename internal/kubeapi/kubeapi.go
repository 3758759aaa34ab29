// Package kubeapi asks the API server of a cluster single questions. It stands for the typed clients of k8s.io/client-go, which take 90 s
// of a core to compile (measured 2026-11-23): the whole program takes 130 s, which the first `pulumi preview` waits for.
package kubeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// API is the API of a cluster.
type API struct {
	// Server is its URL, without a slash at the end.
	Server string
	client *http.Client
}

// Connect returns the API that the current context of a kubeconfig names, without asking it anything. The limit bounds each question.
func Connect(kubeconfig string, limit time.Duration) (*API, error) {
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(kubeconfig))
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config.Timeout = limit
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return &API{strings.TrimSuffix(config.Host, "/"), client}, nil
}

// Close ends the connections.
func (a *API) Close() { a.client.CloseIdleConnections() }

// Ask makes a request for a path, with a body unless it is nil, and reads the answer; found is false if there is nothing. Whatever else
// the server answers is an error.
func (a *API) Ask(ctx context.Context, method, path string, body, answer any) (found bool, err error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return false, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.Server+path, content)
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := a.client.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return true, json.NewDecoder(response.Body).Decode(answer)
	case http.StatusNotFound:
		return false, nil
	}
	return false, fmt.Errorf("%s %s%s: %s", method, a.Server, path, response.Status)
}
