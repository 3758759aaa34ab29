package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// The types of the resources that are looked after in Docker.
const (
	containerType = "docker:index/container:Container"
	networkType   = "docker:index/network:Network"
)

// exportState returns the stack's state. Its secrets stay encrypted.
func (s *stack) exportState(ctx context.Context) (apitype.UntypedDeployment, apitype.DeploymentV3, error) {
	var state apitype.UntypedDeployment
	var deployment apitype.DeploymentV3
	out, err := s.pulumi(ctx, "", "stack", "export")
	if err != nil {
		return state, deployment, err
	}
	if err := json.Unmarshal([]byte(out), &state); err != nil {
		return state, deployment, fmt.Errorf("read the state: %w", err)
	}
	if len(state.Deployment) > 0 {
		err = json.Unmarshal(state.Deployment, &deployment)
	}
	return state, deployment, err
}

// dropPending writes the state back without its pending operations. Everything else stays as it is, whether known here or not.
func (s *stack) dropPending(ctx context.Context, state apitype.UntypedDeployment) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(state.Deployment, &fields); err != nil {
		return err
	}
	delete(fields, "pending_operations")
	var err error
	if state.Deployment, err = json.Marshal(fields); err != nil {
		return err
	}
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	_, err = s.pulumi(ctx, string(text), "stack", "import")
	return err
}

// pulumi runs a command of the engine on the stack.
func (s *stack) pulumi(ctx context.Context, stdin string, args ...string) (string, error) {
	var env []string
	for key, value := range s.Workspace().GetEnvVars() {
		env = append(env, key+"="+value)
	}
	stdout, stderr, _, err := s.engine.Run(ctx, s.project, strings.NewReader(stdin), nil, nil, env,
		append(args, "--stack", s.Name())...)
	if err != nil {
		return "", fmt.Errorf("pulumi %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr))
	}
	return stdout, nil
}

// object is a container or a network, as the state or an unfinished operation describes it.
type object struct {
	typ, name, id string
	labels        map[string]string
}

// objectOf reads a container or a network out of a resource; false for any other resource.
func objectOf(r apitype.ResourceV3) (object, bool) {
	if r.Type != containerType && r.Type != networkType {
		return object{}, false
	}
	o := object{typ: string(r.Type), id: string(r.ID), labels: map[string]string{}}
	o.name, _ = r.Inputs["name"].(string)
	labels, _ := r.Inputs["labels"].([]any)
	for _, l := range labels {
		fields, _ := l.(map[string]any)
		key, _ := fields["label"].(string)
		o.labels[key], _ = fields["value"].(string)
	}
	return o, o.name != ""
}

// pendingCreates are the containers and networks that an engine was killed in the middle of making.
func pendingCreates(d apitype.DeploymentV3) []object {
	var objects []object
	for _, operation := range d.PendingOperations {
		if o, ok := objectOf(operation.Resource); ok && operation.Type == apitype.OperationTypeCreating {
			objects = append(objects, o)
		}
	}
	return objects
}

// known are the containers that the state holds and that are to stay: one that failed to start is made anew by the next up.
func known(d apitype.DeploymentV3) []object {
	var objects []object
	for _, r := range d.Resources {
		if o, ok := objectOf(r); ok && o.typ == containerType && o.id != "" && !r.Delete && len(r.InitErrors) == 0 {
			objects = append(objects, o)
		}
	}
	return objects
}
