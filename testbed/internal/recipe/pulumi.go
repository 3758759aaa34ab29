package recipe

import "istio-lab/testbed/internal/source"

// LanguageHost is the test bed's own stand-in for the language host of Pulumi programs in Go, which comes with Pulumi's release alone.
var LanguageHost = source.Programs{
	Title: "plugin-go", Dir: "plugins",
	Packages: []string{"./pulumi-language-go"}, Sources: []string{"go.mod", "go.sum", "pulumi-language-go", "internal/languagego", "guard"},
}

// Pulumi is the pulumi command of a version, which has to be the one that tools/go.mod pins.
func Pulumi(version string) source.Programs {
	return source.Programs{
		Title: "pulumi", Dir: "../tools",
		Packages: []string{"github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
		// Without a version, plugins that ask for one refuse the command.
		LDFlags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + version,
	}
}
