package ratelimit

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/components/cluster"
)

const (
	redis     = "redis"
	redisPort = 6379
)

// newRedis makes the Redis in which the service counts, and returns what has to be there before the service. What it counted is lost
// with its pod.
func newRedis(ctx *pulumi.Context, name string, args *ServiceArgs, parent pulumi.Resource) ([]pulumi.Resource, error) {
	var made []pulumi.Resource
	for _, object := range []cluster.Manifest{
		serviceOf(redis, map[string]int{redis: redisPort}),
		deploymentOf(redis, pulumi.Map{"containers": pulumi.Array{pulumi.Map{
			"name":            pulumi.String(redis),
			"image":           pulumi.String(args.RedisImage),
			"imagePullPolicy": pulumi.String("IfNotPresent"),
			"ports":           pulumi.Array{pulumi.Map{"name": pulumi.String(redis), "containerPort": pulumi.Int(redisPort)}},
			"readinessProbe":  pulumi.Map{"tcpSocket": pulumi.Map{"port": pulumi.Int(redisPort)}, "periodSeconds": pulumi.Int(2)},
		}}}),
	} {
		o, err := args.Cluster.NewObject(ctx, name, object, parent, pulumi.DependsOn(args.After))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", object.Kind, err)
		}
		made = append(made, o)
	}
	return made, nil
}
