package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// releaseInputs are the inputs of a release that the lab sets; version is the chart's, by which a changed chart shows.
var releaseInputs = []string{"chart", "name", "namespace", "timeout", "values", "version"}

// releaseDefaults are the other inputs, which the official plugin fills in.
var releaseDefaults = map[string]any{
	"allowNullValues": false, "atomic": false, "cleanupOnFail": false, "createNamespace": false, "dependencyUpdate": false,
	"description": "", "devel": false, "disableCRDHooks": false, "disableOpenapiValidation": false, "disableWebhooks": false,
	"forceUpdate": false, "keyring": "", "lint": false, "postrender": "", "recreatePods": false, "renderSubchartNotes": false,
	"replace": false, "resetValues": false, "reuseValues": false, "skipAwait": false, "skipCrds": false, "verify": false,
	"version": "", "waitForJobs": false,
}

func (k *plugin) checkRelease(r p.CheckRequest) (p.CheckResponse, error) {
	given := object(r.Inputs)
	var failures []p.CheckFailure
	for key := range given {
		if !slices.Contains(releaseInputs[:5], key) {
			failures = append(failures, p.CheckFailure{
				Property: key, Reason: fmt.Sprintf("the test bed's plugin does not know %q of a Helm release: leave it out", key),
			})
		}
	}
	inputs := map[string]any{"namespace": k.cluster.namespace, "timeout": int64(300), "values": map[string]any{}}
	maps.Copy(inputs, releaseDefaults)
	maps.Copy(inputs, given)
	if former := r.State.Get("name"); given["name"] == nil && former.IsString() {
		inputs["name"] = former.AsString()
	} else if given["name"] == nil || given["name"] == "" {
		inputs["name"] = unique(r.Urn.Name() + "-")
	}
	if !hasUnknown(given) {
		loaded, err := loadChart(inputs)
		if err != nil {
			failures = append(failures, p.CheckFailure{
				Property: "chart", Reason: fmt.Sprintf("%v; check the chart name and repository configuration.", err),
			})
		} else {
			inputs["version"] = loaded.Metadata.Version
		}
	}
	return p.CheckResponse{Inputs: withSecrets(properties(inputs), r.Inputs), Failures: failures}, nil
}

// loadChart loads the chart that the inputs name, a folder.
func loadChart(inputs map[string]any) (*chart.Chart, error) {
	path, _ := inputs["chart"].(string)
	if _, err := os.Stat(filepath.Join(path, "Chart.yaml")); err != nil {
		return nil, fmt.Errorf("path %q not found", path)
	}
	return loader.Load(path)
}

func diffRelease(r p.DiffRequest) (p.DiffResponse, error) {
	live := object(r.State)
	before, _ := live[inputsKey].(map[string]any)
	found := changes(prune(live, before).(map[string]any), object(r.Inputs), "name", "namespace")
	return p.DiffResponse{HasChanges: len(found) > 0, DetailedDiff: found}, nil
}

// release is a Helm release that the inputs ask for.
type release struct {
	name, namespace string
	timeout         time.Duration
	values          map[string]any
	helm            *action.Configuration
}

func (k *plugin) release(properties property.Map) (release, error) {
	fields := object(properties)
	r := release{helm: new(action.Configuration)}
	r.name, _ = fields["name"].(string)
	r.namespace, _ = fields["namespace"].(string)
	r.values, _ = fields["values"].(map[string]any)
	seconds, _ := fields["timeout"].(int64)
	r.timeout = time.Duration(seconds) * time.Second
	quiet := func(string, ...any) {}
	return r, r.helm.Init(helmClient{k.cluster, r.namespace}, r.namespace, "secret", quiet)
}

func (r release) id() string { return r.namespace + "/" + r.name }

func (k *plugin) createRelease(ctx context.Context, r p.CreateRequest) (p.CreateResponse, error) {
	if r.DryRun {
		return p.CreateResponse{Properties: expected(r.Properties)}, nil
	}
	if k.cluster.unreachable != nil {
		return p.CreateResponse{}, fmt.Errorf("can't create Helm Release with unreachable cluster: %w", k.cluster.unreachable)
	}
	rel, err := k.release(r.Properties)
	if err != nil {
		return p.CreateResponse{}, err
	}
	loaded, err := loadChart(object(r.Properties))
	if err != nil {
		return p.CreateResponse{}, err
	}
	install := action.NewInstall(rel.helm)
	install.ReleaseName, install.Namespace = rel.name, rel.namespace
	install.Wait, install.Timeout = true, rel.timeout
	made, err := install.RunWithContext(ctx, loaded, rel.values)
	if err != nil {
		if _, getErr := action.NewGet(rel.helm).Run(rel.name); getErr != nil || made == nil {
			return p.CreateResponse{}, err
		}
		err = fmt.Errorf("Helm release %q was created, but failed to initialize completely. Use Helm CLI to investigate: %w",
			rel.id(), failedRelease(rel, err))
	}
	response := p.CreateResponse{ID: rel.id(), Properties: released(r.Properties, r.Properties, made)}
	if err != nil {
		p.GetLogger(ctx).Warningf("Helm release %q was created but has a failed status. "+
			"Use the `helm` command to investigate the error, correct it, then retry. Reason: %v", rel.name, errors.Unwrap(err))
		response.PartialState = &p.InitializationFailed{Reasons: reasons(err)}
	}
	return response, err
}

// failedRelease is the error of a release that is there and failed.
func failedRelease(r release, err error) error {
	return fmt.Errorf("failed to become available within allocated timeout. Error: Helm Release %s: %w", r.id(), err)
}

func (k *plugin) updateRelease(ctx context.Context, r p.UpdateRequest) (p.UpdateResponse, error) {
	if r.DryRun {
		return p.UpdateResponse{Properties: expected(r.Inputs)}, nil
	}
	if k.cluster.unreachable != nil {
		return p.UpdateResponse{}, fmt.Errorf("can't update Helm Release with unreachable cluster: %w", k.cluster.unreachable)
	}
	rel, err := k.release(r.Inputs)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	loaded, err := loadChart(object(r.Inputs))
	if err != nil {
		return p.UpdateResponse{}, err
	}
	upgrade := action.NewUpgrade(rel.helm)
	upgrade.Namespace = rel.namespace
	upgrade.Wait, upgrade.Timeout = true, rel.timeout
	made, err := upgrade.RunWithContext(ctx, rel.name, loaded, rel.values)
	if err == nil {
		return p.UpdateResponse{Properties: released(r.Inputs, r.Inputs, made)}, nil
	}
	if made == nil || errors.Is(err, driver.ErrNoDeployedReleases) {
		return p.UpdateResponse{}, err
	}
	err = fmt.Errorf("Helm release %q failed to initialize completely. Use Helm CLI to investigate: %w",
		rel.id(), failedRelease(rel, err))
	return p.UpdateResponse{
		Properties: released(r.Inputs, r.Inputs, made), PartialState: &p.InitializationFailed{Reasons: reasons(err)},
	}, err
}

func (k *plugin) readRelease(r p.ReadRequest) (p.ReadResponse, error) {
	rel, err := k.release(r.Properties)
	if err != nil {
		return p.ReadResponse{}, err
	}
	live, err := action.NewGet(rel.helm).Run(rel.name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return p.ReadResponse{}, nil
	} else if err != nil {
		return p.ReadResponse{}, err
	}
	inputs := r.Properties.Get(inputsKey).AsMap()
	return p.ReadResponse{ID: r.ID, Properties: released(inputs, r.Properties, live), Inputs: inputs}, nil
}

// deleteRelease takes the release out of the cluster, after its pre-delete hooks have done their work. Helm offers no way to cancel that.
func (k *plugin) deleteRelease(ctx context.Context, r p.DeleteRequest) error {
	if k.cluster.unreachable != nil {
		return fmt.Errorf("can't delete Helm Release with unreachable cluster. Reason: %q", k.cluster.unreachable.Error())
	}
	rel, err := k.release(r.Properties)
	if err != nil {
		return err
	}
	uninstall := action.NewUninstall(rel.helm)
	uninstall.Wait, uninstall.Timeout = true, rel.timeout
	result, err := uninstall.Run(rel.name)
	if err == nil && result.Info != "" {
		p.GetLogger(ctx).Warningf("Helm uninstall returned information: %q", result.Info)
	}
	return err
}

// released is the state of a release: the inputs or what was known before, with what Helm has made of it.
func released(inputs, before property.Map, made *helmrelease.Release) property.Map {
	fields := object(before)
	maps.DeleteFunc(fields, func(key string, _ any) bool { return strings.HasPrefix(key, "__") })
	values, _ := fields["values"].(map[string]any)
	if values == nil {
		values = map[string]any{}
	}
	maps.Copy(values, made.Config)
	metadata := made.Chart.Metadata
	maps.Copy(fields, map[string]any{
		"values": values, "version": metadata.Version, "resourceNames": resourceNames(made.Manifest),
		"status": map[string]any{
			"appVersion": metadata.AppVersion, "chart": metadata.Name, "name": made.Name, "namespace": made.Namespace,
			"revision": int64(made.Version), "status": made.Info.Status.String(), "version": metadata.Version,
		},
	})
	return withSecrets(properties(fields), inputs).Set(inputsKey, property.New(inputs).WithSecret(true))
}

// expected is the state of a release as a preview has it.
func expected(inputs property.Map) property.Map {
	return inputs.
		Set(inputsKey, property.New(inputs).WithSecret(true)).
		Set("resourceNames", property.New(property.Computed)).
		Set("status", property.New(property.Computed))
}
