package recipe

import (
	"regexp"

	"istio-lab/testbed/internal/source"
)

// LanguageHost is the test bed's own stand-in for the language host of Pulumi programs in Go, which comes with Pulumi's release alone.
var LanguageHost = source.Programs{
	Title: "plugin-go", Dir: "plugins",
	Packages: []string{"./pulumi-language-go"}, Sources: []string{"go.mod", "go.sum", "pulumi-language-go", "internal/languagego", "guard"},
}

// Pulumi is the pulumi command of a version, which has to be the one that tools/go.mod pins. Of its commands `pulumi api` fails: it reads the
// description of Pulumi Cloud's API with a library that takes half as long to compile as all else that only Pulumi needs.
func Pulumi(version string) source.Programs {
	const module, api = "github.com/pulumi/pulumi/pkg/v3", "cmd/pulumi/cloud/"
	withoutParser := source.EditedFile{
		ModuleFile: source.ModuleFile{Dir: "../tools", Module: module, Path: api + "spec.go"},
		Edits: []source.Edit{
			{Old: regexp.MustCompile(`(?s)\nimport \(.*?\n\)`), New: `
import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/gorilla/mux"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
)`},
			{Old: regexp.MustCompile(`(?s)\nfunc parseIndex\(.*`), New: `
func parseIndex([]byte) (*Index, error) {
	return nil, NewAPIError(cmdutil.ExitInternalError, ErrSpecParse, "the test bed of istio-lab has compiled pulumi without this command")
}

func mdInline(text string) string { return text }

func markdownEnumTail(values []string) string { return strings.Join(values, ", ") }
`},
		},
	}
	return source.Programs{
		Title: "pulumi", Dir: "../tools",
		Packages: []string{module + "/cmd/pulumi"},
		// Without a version, plugins that ask for one refuse the command.
		LDFlags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + version,
		Overlay: []source.OverlayFile{withoutParser.Overlay(), {Module: module, File: api + "schema.go"}},
	}
}
