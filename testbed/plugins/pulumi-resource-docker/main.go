// Command pulumi-resource-docker is the test bed's stand-in for Pulumi's plugin of that name.
package main

import (
	"istio-lab/testbed/plugins/internal/docker"
	"istio-lab/testbed/plugins/internal/own"
)

func main() { own.Serve("docker", docker.Version, docker.Provider()) }
