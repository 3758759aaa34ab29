// Package kubernetes is the test bed's stand-in for Pulumi's Kubernetes plugin: objects of any kind by server-side apply, and Helm
// releases of local charts, as istio-lab uses them.
package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-logr/logr"
	p "github.com/pulumi/pulumi-go-provider"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/klog/v2"

	"istio-lab/testbed/plugins/internal/own"
)

// Version is that of the official plugin which this one stands in for.
const Version = "4.32.0"

// releaseType is the type of a Helm release; all other types are kinds of objects.
const releaseType = "kubernetes:helm.sh/v3:Release"

// plugin serves one provider of a program: one cluster.
type plugin struct {
	own.Life
	cluster *cluster
	// forgets says that what is in a cluster that does not answer is gone with it.
	forgets bool
}

// New returns the provider, to be configured by the engine.
func New() p.Provider {
	// What client-go tells of its watches would come out as messages to the user.
	klog.SetLogger(logr.Discard())
	k := &plugin{Life: own.NewLife()}
	return p.Provider{
		CheckConfig: checkConfig,
		DiffConfig:  diffConfig,
		Configure:   k.configure,
		Cancel:      k.Cancel,
		Check: func(ctx context.Context, r p.CheckRequest) (p.CheckResponse, error) {
			if r.Urn.Type() == releaseType {
				return k.checkRelease(r)
			}
			return k.checkObject(ctx, r)
		},
		Diff: func(ctx context.Context, r p.DiffRequest) (p.DiffResponse, error) {
			if r.Urn.Type() == releaseType {
				return diffRelease(r)
			}
			return k.diffObject(ctx, r)
		},
		Create: func(ctx context.Context, r p.CreateRequest) (p.CreateResponse, error) {
			ctx, done := k.During(ctx)
			defer done()
			if r.Urn.Type() == releaseType {
				return k.createRelease(ctx, r)
			}
			return k.createObject(ctx, r)
		},
		Read: func(ctx context.Context, r p.ReadRequest) (p.ReadResponse, error) {
			ctx, done := k.During(ctx)
			defer done()
			if k.cluster.unreachable != nil {
				return p.ReadResponse{}, k.forget(ctx, "failed to read resource state due to unreachable cluster")
			}
			if r.Urn.Type() == releaseType {
				return k.readRelease(r)
			}
			return k.readObject(ctx, r)
		},
		Update: func(ctx context.Context, r p.UpdateRequest) (p.UpdateResponse, error) {
			ctx, done := k.During(ctx)
			defer done()
			if r.Urn.Type() == releaseType {
				return k.updateRelease(ctx, r)
			}
			return k.updateObject(ctx, r)
		},
		Delete: func(ctx context.Context, r p.DeleteRequest) error {
			ctx, done := k.During(ctx)
			defer done()
			if r.Urn.Type() == releaseType {
				return k.deleteRelease(ctx, r)
			}
			return k.deleteObject(ctx, r)
		},
	}
}

// reachable says why nothing can be done in the cluster, if so.
func (k *plugin) reachable() error {
	if k.cluster.unreachable != nil {
		return fmt.Errorf("configured Kubernetes cluster is unreachable: %w", k.cluster.unreachable)
	}
	return nil
}

// forget says that an object is dropped from the state because its cluster is gone; or objects, where the cluster may come back.
func (k *plugin) forget(ctx context.Context, objection string) error {
	log := p.GetLogger(ctx)
	log.Warningf("configured Kubernetes cluster is unreachable: %v", k.cluster.unreachable)
	if !k.forgets {
		return fmt.Errorf("%s. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with "+
			"the %s environment variable set to \"true\"", objection, forgetVariable)
	}
	log.Info("configured Kubernetes cluster is unreachable and the `deleteUnreachable` option is enabled. " +
		"Deleting the unreachable resource from Pulumi state")
	return nil
}

// kindOf is the kind that a type's token stands for: kubernetes:core/v1:Secret is v1, Secret.
func kindOf(urn presource.URN) (schema.GroupVersionKind, error) {
	parts := strings.Split(string(urn.Type()), ":")
	if len(parts) != 3 {
		return schema.GroupVersionKind{}, fmt.Errorf("type %q is not of the form kubernetes:group/version:Kind", urn.Type())
	}
	group, version, ok := strings.Cut(parts[1], "/")
	if !ok {
		return schema.GroupVersionKind{}, fmt.Errorf("type %q has no group and version", urn.Type())
	}
	if group == "core" {
		group = ""
	}
	return schema.GroupVersionKind{Group: group, Version: version, Kind: parts[2]}, nil
}

// reasons are the messages of an error and of all that it joins, for the state of a resource that is there and not ready.
func reasons(err error) []string {
	all := []string{err.Error()}
	if unready := (*unreadyError)(nil); errors.As(err, &unready) {
		all = append(all, unready.details...)
	}
	return all
}
