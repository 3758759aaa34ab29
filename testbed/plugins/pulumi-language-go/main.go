// Command pulumi-language-go is the test bed's stand-in for Pulumi's language host of that name.
package main

import (
	"fmt"
	"os"

	"istio-lab/testbed/plugins/guard"
	"istio-lab/testbed/plugins/internal/languagego"
)

func main() {
	err := guard.Permitted("pulumi-language-go")
	if err == nil {
		err = languagego.Serve(os.Args[1:], os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
