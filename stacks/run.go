package stacks

import (
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/owner"
	"istio-lab/internal/settings"
)

// Run is the Pulumi program: it checks the configuration, a map from full keys to values, and the host, and builds the lab.
// Directory is the project's.
func Run(ctx *pulumi.Context, config map[string]string, directory string) error {
	s, err := settings.Parse(config)
	if err != nil {
		return fmt.Errorf("the configuration of stack %s is refused, and nothing was made:\n%w", ctx.Stack(), err)
	}
	return Build(ctx, s, newOwner(ctx, s, directory))
}

func newOwner(ctx *pulumi.Context, s settings.Settings, directory string) owner.Owner {
	name, host := "somebody", "somewhere"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return owner.Owner{
		Stack:   strings.Join([]string{ctx.Organization(), ctx.Project(), ctx.Stack()}, "/"),
		Origin:  name + "@" + host + ":" + directory,
		Student: s.Slot.Student,
	}
}
