// Package tls is the test bed's stand-in for Pulumi's TLS plugin. It knows the resource types and properties that the lab's program uses,
// for RSA keys, and treats them as Pulumi's own does: the same defaults, certificates and outputs, the same changes in place or by
// replacement, the same renewal. Each of the two plugins can continue with a state that the other has made.
package tls

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"istio-lab/testbed/plugins/internal/own"
)

// Version is that of Pulumi's own plugin, which this one stands in for.
const Version = "5.5.1"

// types are all that the plugin makes.
var types = map[string]resourceType{
	"tls:index/privateKey:PrivateKey":               privateKeyType,
	"tls:index/certRequest:CertRequest":             certRequestType,
	"tls:index/selfSignedCert:SelfSignedCert":       selfSignedCertType,
	"tls:index/locallySignedCert:LocallySignedCert": locallySignedCertType,
}

// Provider returns the plugin. It takes no settings.
func Provider() p.Provider {
	return p.Provider{
		CheckConfig: func(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
			response := p.CheckResponse{Inputs: req.Inputs}
			for name := range req.Inputs.AllStable {
				if name != "version" && !own.Reserved(name) {
					response.Failures = append(response.Failures, p.CheckFailure{
						Property: name, Reason: name + ": the test bed's tls plugin takes no settings",
					})
				}
			}
			return response, nil
		},
		DiffConfig: func(context.Context, p.DiffRequest) (p.DiffResponse, error) { return p.DiffResponse{}, nil },
		Configure:  func(context.Context, p.ConfigureRequest) error { return nil },
		Cancel:     func(context.Context) error { return nil },
		Check: func(_ context.Context, req p.CheckRequest) (p.CheckResponse, error) {
			t, err := typeOf(req.Urn)
			if err != nil {
				return p.CheckResponse{}, err
			}
			inputs, failures := t.check(req.Inputs)
			return p.CheckResponse{Inputs: inputs, Failures: failures}, nil
		},
		Diff:   diff,
		Create: create,
		Read:   read,
		Update: update,
		Delete: func(_ context.Context, req p.DeleteRequest) error {
			_, err := typeOf(req.Urn) // keys and certificates are nowhere but in the state
			return err
		},
	}
}

func typeOf(urn presource.URN) (resourceType, error) {
	t, known := types[string(urn.Type())]
	if !known {
		return t, fmt.Errorf("the test bed's tls plugin does not know the type %s: it has what the lab's program uses; "+
			"add it there, or use Pulumi's own plugin", urn.Type())
	}
	return t, nil
}

func diff(_ context.Context, req p.DiffRequest) (p.DiffResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.DiffResponse{}, err
	}
	state, inputs := own.PlainMap(req.State), own.PlainMap(req.Inputs)
	for _, name := range req.IgnoreChanges {
		inputs[name] = state[name]
	}
	changes := t.diff(state, inputs)
	return p.DiffResponse{HasChanges: len(changes) > 0, DetailedDiff: changes}, nil
}

func create(_ context.Context, req p.CreateRequest) (p.CreateResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.CreateResponse{}, err
	}
	planned := t.plan(nil, own.PlainMap(req.Properties))
	if req.DryRun {
		return p.CreateResponse{Properties: t.properties(planned, req.Properties)}, nil
	}
	created, err := t.create(planned)
	if err != nil {
		return p.CreateResponse{}, fmt.Errorf("%s is not made: %w", req.Urn.Name(), err)
	}
	return p.CreateResponse{ID: created[idKey].(string), Properties: t.state(created, req.Properties)}, nil
}

// read returns a resource as it is in the state, for it is nowhere else; only a certificate may have become due for renewal.
func read(_ context.Context, req p.ReadRequest) (p.ReadResponse, error) {
	if _, err := typeOf(req.Urn); err != nil {
		return p.ReadResponse{}, err
	}
	if req.Properties.Len() == 0 {
		return p.ReadResponse{}, fmt.Errorf("the test bed's tls plugin does not import %s: keys and certificates are nowhere but in the state", req.ID)
	}
	state := req.Properties
	if dueForRenewal(own.PlainMap(state)) {
		state = state.Set(readyKey, property.New(true))
	}
	return p.ReadResponse{ID: req.ID, Properties: state, Inputs: req.Inputs}, nil
}

func update(_ context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
	t, err := typeOf(req.Urn)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	planned := t.plan(own.PlainMap(req.State), own.PlainMap(req.Inputs))
	if req.DryRun {
		return p.UpdateResponse{Properties: t.properties(planned, req.Inputs)}, nil
	}
	return p.UpdateResponse{Properties: t.state(planned, req.Inputs)}, nil
}
