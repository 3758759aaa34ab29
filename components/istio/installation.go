// Package istio installs Istio in a cluster from an IstioOperator, by istioctl in the cluster.
package istio

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
)

// InstallationType is the type of the component. It is part of every child's URN.
const InstallationType = "istio-lab:istio:Installation"

// uninstallChart is the chart's folder, from the project's directory, where the engine starts its plugins.
const uninstallChart = "./components/istio/uninstall"

// InstallationArgs says what is installed where.
type InstallationArgs struct {
	Cluster  cluster.Cluster
	Operator Operator
	// Image is istioctl's.
	Image string
	// CA changes with the CA that is plugged into istiod, so that a changed CA rolls istiod; nil without one.
	CA pulumi.StringInput
	// After is what has to be there first: the namespace, and what istiod reads when it starts. Give the resources
	// themselves: see cluster.Cluster.In.
	After []pulumi.Resource
	// Gateway says that the operator is of a gateway alone: uninstalling takes out what it owns. Otherwise it is of a control
	// plane, and uninstalling takes all of Istio out of the cluster.
	Gateway bool
	// ReadinessTimeout bounds the wait for each component, the pull of its image included.
	ReadinessTimeout time.Duration
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *InstallationArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil {
		problems = append(problems, errors.New("cluster is required"))
	}
	if a.Operator.Name == "" || a.Image == "" {
		problems = append(problems, errors.New("operator and image are required"))
	}
	if a.ReadinessTimeout < 10*time.Second {
		problems = append(problems, fmt.Errorf("readiness timeout %s is shorter than 10s", a.ReadinessTimeout))
	}
	return errors.Join(problems...)
}

// deadline ends a Job that is stuck. istioctl waits for istiod and the gateways, three at most, one after the other; the
// deadline leaves it the time to give up by itself and say why, which a Job past its deadline does not.
func (a *InstallationArgs) deadline() time.Duration { return 3*a.ReadinessTimeout + time.Minute }

// Installation is an IstioOperator that was installed, and is taken out of the cluster when the component is.
type Installation struct {
	pulumi.ResourceState
	// Job is what has to have succeeded before anything that needs the installation.
	Job *cluster.Object
}

// NewInstallation installs the operator, or makes nothing when the arguments are refused.
//
// A changed spec makes a new ConfigMap, and so a new Job; the names are Pulumi's, for with names made from the spec a failed
// installation followed by going back to the former spec would meet objects that still wait for their deletion.
func NewInstallation(
	ctx *pulumi.Context, name string, args *InstallationArgs, opts ...pulumi.ResourceOption,
) (*Installation, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("installation %q: %w", name, err)
	}
	i := &Installation{}
	if err := ctx.RegisterComponentResource(InstallationType, name, i, opts...); err != nil {
		return nil, err
	}
	account, uninstall, err := newInstaller(ctx, name, args, i)
	if err != nil {
		return nil, fmt.Errorf("installation %q: %w", name, err)
	}
	spec, err := args.Cluster.NewObject(ctx, name+"-spec", cluster.Manifest{
		APIVersion: "v1", Kind: "ConfigMap",
		Metadata: cluster.Metadata{Namespace: SystemNamespace},
		Fields: pulumi.Map{"data": pulumi.StringMap{
			"istio-operator.yaml": pulumi.String(args.Operator.YAML(SystemNamespace)),
		}},
	}, i, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("installation %q: spec: %w", name, err)
	}
	command := pulumi.StringArray{
		pulumi.String("install"), pulumi.String("--skip-confirmation"),
		pulumi.String("--filename=/spec/istio-operator.yaml"),
		pulumi.Sprintf("--readiness-timeout=%s", args.ReadinessTimeout),
	}
	if args.CA != nil {
		command = append(command, pulumi.Sprintf("--set=components.pilot.k8s.podAnnotations.cacerts=%s", args.CA))
	}
	i.Job, err = args.Cluster.NewObject(ctx, name, cluster.Manifest{
		APIVersion: "batch/v1", Kind: "Job",
		Metadata: cluster.Metadata{
			Namespace: SystemNamespace,
			// A Job that failed is made anew by the next `up`; an update would wait for it again.
			Annotations: map[string]string{"pulumi.com/replaceUnready": "true"},
		},
		Fields: pulumi.Map{"spec": pulumi.Map{
			"backoffLimit":          pulumi.Int(0),
			"activeDeadlineSeconds": pulumi.Int(int(args.deadline().Seconds())),
			"template": pulumi.Map{
				"metadata": pulumi.Map{"labels": pulumi.StringMap{
					"sidecar.istio.io/inject": pulumi.String("false"), installerLabel: pulumi.String(installerName),
				}},
				"spec": pulumi.Map{
					"affinity":           oneInstallerAtOnce,
					"serviceAccountName": account.Name(),
					"restartPolicy":      pulumi.String("Never"),
					"containers": pulumi.Array{pulumi.Map{
						"name":         pulumi.String("istioctl"),
						"image":        pulumi.String(args.Image),
						"args":         command,
						"volumeMounts": pulumi.Array{pulumi.Map{"name": pulumi.String("spec"), "mountPath": pulumi.String("/spec")}},
						// Brings istioctl's last lines into Pulumi's error.
						"terminationMessagePolicy": pulumi.String("FallbackToLogsOnError"),
					}},
					"volumes": pulumi.Array{pulumi.Map{
						"name": pulumi.String("spec"), "configMap": pulumi.Map{"name": spec.Name()},
					}},
				},
			},
		}},
	}, i,
		pulumi.DependsOn(append(slices.Clone(args.After), uninstall)),
		// The former istioctl may still wait for what it installed.
		pulumi.DeleteBeforeReplace(true),
		pulumi.Timeouts(&pulumi.CustomTimeouts{
			Create: (args.deadline() + time.Minute).String(), Update: (args.deadline() + time.Minute).String(),
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("installation %q: job: %w", name, err)
	}
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{})
}

// Pods that run istioctl have this label.
const (
	installerLabel = "app.kubernetes.io/name"
	installerName  = "istioctl"
)

// oneInstallerAtOnce keeps a pod from being scheduled while another one of the cluster runs istioctl. Two at once get in each other's way:
// "provided port is already allocated". The other one may be of a Job that is in no state, since an up was killed while it made it.
var oneInstallerAtOnce = pulumi.Map{"podAntiAffinity": pulumi.Map{
	"requiredDuringSchedulingIgnoredDuringExecution": pulumi.Array{pulumi.Map{
		"labelSelector": pulumi.Map{"matchLabels": pulumi.StringMap{installerLabel: pulumi.String(installerName)}},
		"topologyKey":   pulumi.String("kubernetes.io/os"), // the same of all nodes
	}},
}}

// newInstaller makes the account that istioctl runs as, and the Helm release that uninstalls.
//
// The release holds nothing but a pre-delete hook: a Job that runs `istioctl uninstall`, or for a gateway `istioctl install` with
// the gateway switched off, which takes out what the operator owns; `istioctl uninstall --filename` would do so in recent Istio, and in
// 1.17 looks at the control plane alone. Deleting the release from the stack therefore takes Istio out of the cluster, which deleting the
// installing Job would not; and destroying the node deletes neither.
func newInstaller(
	ctx *pulumi.Context, name string, args *InstallationArgs, parent pulumi.Resource,
) (account *cluster.Object, uninstall pulumi.Resource, err error) {
	account, err = args.Cluster.NewObject(ctx, name+"-istioctl", cluster.Manifest{
		APIVersion: "v1", Kind: "ServiceAccount", Metadata: cluster.Metadata{Namespace: SystemNamespace},
	}, parent, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, nil, fmt.Errorf("account: %w", err)
	}
	binding, err := args.Cluster.NewObject(ctx, name+"-istioctl", cluster.Manifest{
		APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRoleBinding",
		Fields: pulumi.Map{
			"roleRef": pulumi.StringMap{
				"apiGroup": pulumi.String("rbac.authorization.k8s.io"), "kind": pulumi.String("ClusterRole"),
				"name": pulumi.String("cluster-admin"),
			},
			"subjects": pulumi.Array{pulumi.Map{
				"kind": pulumi.String("ServiceAccount"), "name": account.Name(), "namespace": pulumi.String(SystemNamespace),
			}},
		},
	}, parent)
	if err != nil {
		return nil, nil, fmt.Errorf("account's role: %w", err)
	}
	values := pulumi.Map{"image": pulumi.String(args.Image), "serviceAccount": account.Name()}
	if args.Gateway {
		values["operator"] = pulumi.String(args.Operator.Disabled().YAML(SystemNamespace))
	}
	uninstall, err = args.Cluster.NewRelease(ctx, name+"-uninstall", cluster.Chart{
		Path:      uninstallChart,
		Namespace: SystemNamespace,
		Values:    values,
		Timeout:   args.ReadinessTimeout,
	}, parent, pulumi.DependsOn([]pulumi.Resource{binding}))
	if err != nil {
		return nil, nil, fmt.Errorf("uninstaller: %w", err)
	}
	return account, uninstall, nil
}
