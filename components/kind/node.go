package kind

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/container"
	"istio-lab/internal/owner"
)

// bootTimeoutSeconds bounds the wait for a node. Measured: 19 s for two nodes at once on two cores; image pulls are not part of
// it, and a slow laptop is allowed fifteen times as long.
const bootTimeoutSeconds = 300

// newNode makes the container as kind does, and waits until the Kubernetes in it is ready.
func newNode(ctx *pulumi.Context, name string, args *ClusterArgs, ca authority, parent pulumi.Resource) (*docker.Container, error) {
	labels := append([]owner.Label{
		{Key: owner.KindLabel, Value: args.Name}, {Key: "io.x-k8s.kind.role", Value: "control-plane"},
	}, args.Owner.Labels()...)
	options := []pulumi.ResourceOption{container.In(parent), pulumi.AdditionalSecretOutputs([]string{"uploads"})}
	if args.Replaces != "" {
		// By its name alone: the parents differ in their names only, which are no part of a child's URN.
		options = append(options, pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String(args.Replaces)}}))
	}
	return docker.NewContainer(ctx, name, &docker.ContainerArgs{
		Name:         pulumi.String(args.Node),
		Hostname:     pulumi.String(args.Node),
		Image:        args.Image,
		Labels:       container.Labels(labels...),
		Privileged:   pulumi.Bool(true),
		SecurityOpts: pulumi.ToStringArray([]string{"seccomp=unconfined", "apparmor=unconfined", "label=disable"}),
		CgroupnsMode: pulumi.String("private"),
		Tty:          pulumi.Bool(true),
		Init:         pulumi.Bool(false), // systemd is to be process 1
		Tmpfs:        pulumi.StringMap{"/tmp": pulumi.String(""), "/run": pulumi.String("")},
		Volumes: docker.ContainerVolumeArray{
			&docker.ContainerVolumeArgs{ContainerPath: pulumi.String("/var")},
			&docker.ContainerVolumeArgs{
				HostPath: pulumi.String("/lib/modules"), ContainerPath: pulumi.String("/lib/modules"), ReadOnly: pulumi.Bool(true),
			},
		},
		Envs: pulumi.ToStringArray([]string{"KUBECONFIG=/etc/kubernetes/admin.conf"}),
		NetworksAdvanced: docker.ContainerNetworksAdvancedArray{
			&docker.ContainerNetworksAdvancedArgs{Name: args.Network, Ipv4Address: pulumi.String(args.Address.String())},
		},
		Ports:   publish(args),
		Uploads: uploads(args, ca),
		// Comes back with the engine, and is left alone once stopped by hand.
		Restart:       pulumi.String("on-failure"),
		MaxRetryCount: pulumi.Int(1),
		// Otherwise a refresh deletes a stopped node, its volume included.
		MustRun: pulumi.Bool(false),
		Healthcheck: &docker.ContainerHealthcheckArgs{
			Tests:       pulumi.ToStringArray([]string{"CMD", "/bin/sh", "/kind/pulumi/health.sh"}),
			Interval:    pulumi.String("10s"),
			Timeout:     pulumi.String("5m0s"),
			StartPeriod: pulumi.String("0s"),
			Retries:     pulumi.Int(3),
		},
		Wait:        pulumi.Bool(true),
		WaitTimeout: pulumi.Int(bootTimeoutSeconds),
	}, options...)
}

// publish lists the ports by ascending port of the node, the order in which Docker reports them.
func publish(args *ClusterArgs) docker.ContainerPortArray {
	port := func(node, host int) *docker.ContainerPortArgs {
		return &docker.ContainerPortArgs{
			Internal: pulumi.Int(node), External: pulumi.Int(host),
			Ip: pulumi.String(args.ListenAddress.String()), Protocol: pulumi.String("tcp"),
		}
	}
	ports := docker.ContainerPortArray{port(6443, args.APIPort)}
	for _, p := range args.Ports {
		ports = append(ports, port(p.Node, p.Host))
	}
	return ports
}
