// Command pulumi-resource-tls is the test bed's stand-in for Pulumi's plugin of that name.
package main

import (
	"istio-lab/testbed/plugins/internal/own"
	"istio-lab/testbed/plugins/internal/tls"
)

func main() { own.Serve("tls", tls.Version, tls.Provider()) }
