package recipe

import (
	"istio-lab/testbed/internal/source"
)

// Plugins are the test bed's own stand-ins for Pulumi's plugins, by the names of those. Each is one program, pulumi-resource-<name>.
func Plugins() map[string]source.Programs {
	plugins := map[string]source.Programs{}
	for _, name := range []string{"docker", "kubernetes", "tls"} {
		program := "pulumi-resource-" + name
		plugins[name] = source.Programs{
			Title: "plugin-" + name, Dir: "plugins",
			Packages: []string{"./" + program}, Sources: []string{"go.mod", "go.sum", program, "internal/" + name, "internal/own", "guard"},
		}
	}
	return plugins
}

// Runtime is what a Docker engine starts containers with on a machine that withholds CAP_SYS_RESOURCE.
var Runtime = source.Programs{
	Title: "runtime", Dir: ".",
	Packages: []string{"./cmd/runc-without-sys-resource"}, Sources: []string{"cmd/runc-without-sys-resource"},
}
