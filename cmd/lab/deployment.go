package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"istio-lab/components/existing"
	"istio-lab/internal/allot"
	"istio-lab/internal/owner"
	"istio-lab/internal/settings"
	"istio-lab/internal/statefile"
	"istio-lab/stacks"
)

// The types of the resources that are looked after in Docker.
const (
	imageType     = "docker:index/remoteImage:RemoteImage"
	containerType = "docker:index/container:Container"
	networkType   = "docker:index/network:Network"
	// dockerProviderType is that of the provider of another host's engine; that of the environment's has another name than stacks.Engine.
	dockerProviderType = "pulumi:providers:docker"
)

// exportState returns the stack's state. Its secrets stay encrypted.
func (s *stack) exportState(ctx context.Context) (apitype.UntypedDeployment, apitype.DeploymentV3, error) {
	var deployment apitype.DeploymentV3
	state, known, err := s.checkpoint(s.Name())
	if err != nil {
		return state, deployment, err
	}
	if !known {
		out, err := s.pulumi(ctx, "", "stack", "export")
		if err != nil {
			return state, deployment, err
		}
		if err := json.Unmarshal([]byte(out), &state); err != nil {
			return state, deployment, fmt.Errorf("read the state: %w", err)
		}
	}
	if len(state.Deployment) > 0 {
		err = json.Unmarshal(state.Deployment, &deployment)
	}
	return state, deployment, err
}

// checkpoint reads a stack's state from the files of a file backend, which takes no start of the engine; false where the engine has to be
// asked.
func (s *stack) checkpoint(name string) (state apitype.UntypedDeployment, found bool, err error) {
	if files, ok := s.stateFiles(); ok {
		return files.Stack(name).State()
	}
	return state, false, nil
}

// stateFiles are the files of a file backend; false for another kind of backend.
func (s *stack) stateFiles() (statefile.Backend, bool) {
	directory, isFile := s.backend.directory(s.project)
	return statefile.Open(directory, settings.Project), isFile
}

// isMade says whether a resource is one that a plugin has made, and no component, stack or plugin.
func isMade(r apitype.ResourceV3) bool {
	return r.Custom && !strings.HasPrefix(string(r.Type), "pulumi:")
}

// holds says whether there is anything of a stack outside its state: what is made, or was being made.
func holds(d apitype.DeploymentV3) bool {
	return len(d.PendingOperations) > 0 || slices.ContainsFunc(d.Resources, isMade)
}

// place is where what a stack has made is. Keys and certificates are in its state alone, and so at no place.
type place struct {
	// inDocker says that there are containers, networks or images, on the engine at dockerHost; without a URL, on the one that the environment
	// names.
	inDocker   bool
	dockerHost string
	// onExisting says that there are objects in clusters that the person has.
	onExisting bool
}

// placeOf looks through a stack's state, and what was being made.
func placeOf(d apitype.DeploymentV3) (at place) {
	guest, objects := false, false
	look := func(r apitype.ResourceV3) {
		switch {
		case strings.HasPrefix(string(r.Type), "docker:"):
			at.inDocker = true
		case strings.HasPrefix(string(r.Type), "kubernetes:"):
			objects = true
		case r.Type == existing.ClusterType:
			guest = true
		case r.Type == dockerProviderType && r.URN.Name() == stacks.Engine:
			at.dockerHost, _ = r.Inputs["host"].(string)
		}
	}
	for _, r := range d.Resources {
		look(r)
	}
	for _, operation := range d.PendingOperations {
		look(operation.Resource)
	}
	at.onExisting = guest && objects
	return at
}

// ended says whether the last update, or destruction, of the stack came to its end: the program's outputs are in the state before that. A
// backend that is not of files is not asked, which would take a start of the engine.
func (s *stack) ended() (bool, error) {
	if files, ok := s.stateFiles(); ok {
		return files.Stack(s.Name()).LastUpdateSucceeded()
	}
	return true, nil
}

// dropPending writes the state back without its pending operations.
func (s *stack) dropPending(ctx context.Context, state apitype.UntypedDeployment) error {
	state, err := statefile.WithoutPending(state)
	if err != nil {
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

// pendingCreates are the containers and networks that an engine was killed in the middle of making, but for those that plain pulumi has made
// since: it keeps the operation, and the state has the resource.
func pendingCreates(d apitype.DeploymentV3) []object {
	var objects []object
	for _, operation := range d.PendingOperations {
		made := slices.ContainsFunc(d.Resources, func(r apitype.ResourceV3) bool {
			return r.URN == operation.Resource.URN && !r.PendingReplacement
		})
		if o, ok := objectOf(operation.Resource); ok && operation.Type == apitype.OperationTypeCreating && !made {
			objects = append(objects, o)
		}
	}
	return objects
}

// known are the containers that the state holds and that are to stay: one that failed to start is made anew by the next up, and one that
// waits for its replacement is deleted already.
func known(d apitype.DeploymentV3) []object {
	var objects []object
	for _, r := range d.Resources {
		if o, ok := objectOf(r); ok && o.typ == containerType && o.id != "" && !r.Delete && !r.PendingReplacement && len(r.InitErrors) == 0 {
			objects = append(objects, o)
		}
	}
	return objects
}

// cluster is the name of the cluster whose node a container is; empty for another container.
func (o object) cluster() string { return o.labels[owner.KindLabel] }

// leaving are the nodes among containers that are of none of the settings' clusters, so that the next update deletes them.
func leaving(containers []object, s settings.Settings) []object {
	return slices.DeleteFunc(slices.Clone(containers), func(o object) bool {
		return o.cluster() == "" || slices.ContainsFunc(s.Clusters(), func(c allot.Cluster) bool { return c.Name == o.cluster() })
	})
}

// blocked are the URNs of nodes that cannot start, for the node of the other scenario still has their addresses. Older versions of lab
// left them so when the scenario was changed.
func blocked(d apitype.DeploymentV3, s settings.Settings) (urns []string) {
	containers := known(d)
	for _, r := range d.Resources {
		o, isObject := objectOf(r)
		if !isObject || len(r.InitErrors) == 0 {
			continue
		}
		for _, c := range s.Clusters() {
			other, shared := s.Slot.Counterpart(c)
			if shared && o.cluster() == c.Name && slices.ContainsFunc(containers, func(o object) bool { return o.cluster() == other.Name }) {
				urns = append(urns, string(r.URN))
			}
		}
	}
	return urns
}
