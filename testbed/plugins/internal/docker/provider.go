// Package docker is the test bed's stand-in for Pulumi's Docker plugin. It knows the resource types and properties that the lab's
// program uses, and treats them as Pulumi's own does: the same defaults, the same changes in place or by replacement, the same
// drift seen, the same things left behind by a failure. It does not wait where there is nothing to wait for.
package docker

import (
	"context"
	"fmt"

	"github.com/moby/moby/client"
	p "github.com/pulumi/pulumi-go-provider"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"istio-lab/testbed/plugins/internal/own"
)

// Version is that of Pulumi's own plugin, which this one stands in for.
const Version = "4.11.2"

// types are all that the plugin makes.
var types = map[string]resourceType{
	"docker:index/network:Network":         networkType,
	"docker:index/remoteImage:RemoteImage": imageType,
	"docker:index/container:Container":     containerType,
}

// hostKey is the setting of another engine's URL: over TCP or a socket, for the lab's own sake; SSH takes Pulumi's own plugin.
const hostKey = "host"

// Provider returns the plugin. Its engine is the one that its settings name or the environment, by DOCKER_HOST and the like, or the local
// one.
func Provider() p.Provider {
	e := &engine{Life: own.NewLife()}
	return p.Provider{
		CheckConfig: func(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
			response := p.CheckResponse{Inputs: req.Inputs}
			for name := range req.Inputs.AllStable {
				if name != "version" && name != hostKey && !own.Reserved(name) {
					response.Failures = append(response.Failures, p.CheckFailure{
						Property: name, Reason: name + ": the test bed's docker plugin takes no setting but " + hostKey,
					})
				}
			}
			return response, nil
		},
		// A state that Pulumi's own plugin has made is gone on with, and is no change.
		DiffConfig: func(context.Context, p.DiffRequest) (p.DiffResponse, error) { return p.DiffResponse{}, nil },
		Configure: func(_ context.Context, req p.ConfigureRequest) (err error) {
			options := []client.Opt{client.FromEnv}
			if at := req.Variables["docker:config:"+hostKey]; at != "" {
				options = append(options, client.WithHost(at))
			}
			if e.docker, err = client.New(options...); err != nil {
				return fmt.Errorf("the Docker settings of the environment are refused: %w; correct or unset DOCKER_HOST and the like", err)
			}
			return nil
		},
		Cancel: e.Cancel,
		Check:  e.check,
		Diff:   e.diff,
		Create: e.create,
		Read:   e.read,
		Update: e.update,
		Delete: e.delete,
	}
}

// engine is Docker's.
type engine struct {
	own.Life
	docker *client.Client
}

func typeOf(urn presource.URN) (resourceType, error) {
	t, known := types[string(urn.Type())]
	if !known {
		return t, fmt.Errorf("the test bed's docker plugin does not know the type %s: it has what the lab's program uses; "+
			"add it there, or use Pulumi's own plugin", urn.Type())
	}
	return t, nil
}

func (e *engine) check(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.CheckResponse{}, err
	}
	inputs, failures := t.check(req.Inputs)
	return p.CheckResponse{Inputs: inputs, Failures: failures}, nil
}

func (e *engine) diff(_ context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.DiffResponse{}, err
	}
	changes := t.diff(own.PlainMap(req.State), own.PlainMap(req.Inputs), req.IgnoreChanges)
	return p.DiffResponse{
		HasChanges: len(changes) > 0, DetailedDiff: changes, DeleteBeforeReplace: t.deleteFirst && own.Replaces(changes),
	}, nil
}

func (e *engine) create(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.CreateResponse{}, err
	}
	ctx, done := e.During(ctx)
	defer done()
	return t.made(ctx, e.docker, req)
}

func (e *engine) read(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.ReadResponse{}, err
	}
	if req.Properties.Len() == 0 {
		return p.ReadResponse{}, fmt.Errorf("the test bed's docker plugin does not import, and %s is to be", req.ID)
	}
	ctx, done := e.During(ctx)
	defer done()
	was, err := t.decode(req.Properties)
	if err != nil {
		return p.ReadResponse{}, err
	}
	report, err := was.read(ctx, e.docker, req.ID)
	if err != nil || report == nil {
		return p.ReadResponse{}, err
	}
	seen := own.Properties(report)
	return p.ReadResponse{ID: req.ID, Properties: t.state(req.Properties, seen), Inputs: t.reread(req.Inputs, seen)}, nil
}

func (e *engine) update(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	updated := p.UpdateResponse{Properties: t.updated(req.State, req.Inputs)}
	if req.DryRun {
		return updated, nil
	}
	wanted, err := t.decode(req.Inputs)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	ctx, done := e.During(ctx)
	defer done()
	return updated, wanted.update(ctx, e.docker, req.ID)
}

func (e *engine) delete(ctx context.Context, req p.DeleteRequest) error {
	t, err := typeOf(req.Urn)
	if err != nil {
		return err
	}
	was, err := t.decode(req.Properties)
	if err != nil {
		return err
	}
	ctx, done := e.During(ctx)
	defer done()
	return was.remove(ctx, e.docker, req.ID)
}
