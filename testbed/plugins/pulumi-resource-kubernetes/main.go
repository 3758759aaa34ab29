// Command pulumi-resource-kubernetes is the test bed's stand-in for Pulumi's plugin of that name.
package main

import (
	"istio-lab/testbed/plugins/internal/kubernetes"
	"istio-lab/testbed/plugins/internal/own"
)

func main() { own.Serve("kubernetes", kubernetes.Version, kubernetes.New()) }
