// Package ratelimit makes the service that counts requests for all proxies, and says which of them are over a limit.
package ratelimit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/apps"
	"istio-lab/components/cluster"
	"istio-lab/internal/loyalty"
)

// ServiceType is the type of the component. It is part of every child's URN.
const ServiceType = "istio-lab:ratelimit:Service"

// Host and Port are where proxies ask the service, by gRPC.
const (
	Host = service + "." + apps.Namespace + ".svc.cluster.local"
	Port = 8081
)

const service = "ratelimit"

// ServiceArgs says what the service is made from, and what it allows.
type ServiceArgs struct {
	Cluster cluster.Cluster
	// Image is the service's, RedisImage that of the database in which it counts.
	Image, RedisImage string
	// Limits holds for every tier how many requests a minute it may make.
	Limits map[loyalty.Tier]int
	// After is what has to be there first: the namespace. Give the resources themselves: see cluster.Cluster.In.
	After []pulumi.Resource
}

// Validate says all that is wrong with the arguments, or returns nil.
func (a *ServiceArgs) Validate() error {
	if a == nil {
		return errors.New("arguments are missing")
	}
	var problems []error
	if a.Cluster.Provider == nil {
		problems = append(problems, errors.New("cluster is required"))
	}
	if a.Image == "" || a.RedisImage == "" {
		problems = append(problems, errors.New("both images are required"))
	}
	for _, tier := range loyalty.Tiers() {
		if a.Limits[tier] < 1 {
			problems = append(problems, fmt.Errorf("the limit of %s is %d, not positive", tier, a.Limits[tier]))
		}
	}
	return errors.Join(problems...)
}

// Service is Envoy's rate limit service with the Redis in which it counts. Neither has a sidecar.
type Service struct {
	pulumi.ResourceState
	// Deployment is what has to be there before anything that asks the service.
	Deployment *cluster.Object
}

// NewService makes the service, or nothing when the arguments are refused.
//
// Redis is ready before the service starts, which ends when it finds none, and the service before anybody asks it. Without this order,
// as in the manual, the first requests get status 500.
func NewService(ctx *pulumi.Context, name string, args *ServiceArgs, opts ...pulumi.ResourceOption) (*Service, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("rate limit service %q: %w", name, err)
	}
	s := &Service{}
	if err := ctx.RegisterComponentResource(ServiceType, name, s, opts...); err != nil {
		return nil, err
	}
	database, err := newRedis(ctx, name+"-redis", args, s)
	if err != nil {
		return nil, fmt.Errorf("rate limit service %q: redis: %w", name, err)
	}
	// The service reads its limits once. With a changed limit comes another ConfigMap, whose name Pulumi chooses, and so other pods.
	configMap, err := args.Cluster.NewObject(ctx, name+"-config", cluster.Manifest{
		APIVersion: "v1", Kind: "ConfigMap",
		Metadata: cluster.Metadata{Namespace: apps.Namespace},
		Fields:   pulumi.Map{"data": pulumi.StringMap{configFile: pulumi.String(limits(args.Limits).yaml())}},
	}, s, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("rate limit service %q: limits: %w", name, err)
	}
	_, err = args.Cluster.NewObject(ctx, name, serviceOf(service, map[string]int{
		"http-port": 8080, "grpc-port": Port, "http-debug": 6070,
	}), s, pulumi.DependsOn(args.After))
	if err != nil {
		return nil, fmt.Errorf("rate limit service %q: service: %w", name, err)
	}
	s.Deployment, err = args.Cluster.NewObject(ctx, name, deployment(args.Image, configMap.Name()), s,
		pulumi.DependsOn(slices.Concat(args.After, database)))
	if err != nil {
		return nil, fmt.Errorf("rate limit service %q: deployment: %w", name, err)
	}
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{})
}

// configFile is the name of the file with the limits.
const configFile = "config.yaml"

// deployment runs the service with the limits of a ConfigMap.
func deployment(image string, limits pulumi.StringInput) cluster.Manifest {
	var env pulumi.Array
	for _, v := range [][2]string{
		{"LOG_LEVEL", "debug"},
		{"REDIS_SOCKET_TYPE", "tcp"},
		{"REDIS_URL", fmt.Sprintf("%s:%d", redis, redisPort)},
		{"RUNTIME_ROOT", "/data"},
		{"RUNTIME_SUBDIRECTORY", service},
		{"RUNTIME_WATCH_ROOT", "false"},
		{"USE_STATSD", "false"},
	} {
		env = append(env, pulumi.StringMap{"name": pulumi.String(v[0]), "value": pulumi.String(v[1])})
	}
	return deploymentOf(service, pulumi.Map{
		"containers": pulumi.Array{pulumi.Map{
			"name":            pulumi.String(service),
			"image":           pulumi.String(image),
			"imagePullPolicy": pulumi.String("IfNotPresent"),
			"command":         pulumi.ToStringArray([]string{"/bin/ratelimit"}),
			"env":             env,
			"ports": pulumi.Array{
				pulumi.Map{"containerPort": pulumi.Int(8080)},
				pulumi.Map{"containerPort": pulumi.Int(Port)},
				pulumi.Map{"containerPort": pulumi.Int(6070)},
			},
			"readinessProbe": pulumi.Map{
				"httpGet":       pulumi.Map{"path": pulumi.String("/healthcheck"), "port": pulumi.Int(8080)},
				"periodSeconds": pulumi.Int(2),
			},
			"volumeMounts": pulumi.Array{pulumi.Map{
				"name": pulumi.String("limits"), "subPath": pulumi.String(configFile),
				"mountPath": pulumi.String("/data/" + service + "/config/" + configFile),
			}},
		}},
		"volumes": pulumi.Array{pulumi.Map{"name": pulumi.String("limits"), "configMap": pulumi.Map{"name": limits}}},
	})
}
