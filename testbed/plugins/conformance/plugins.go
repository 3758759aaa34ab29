package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/host"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"istio-lab/testbed/plugins/guard"
)

// build makes the test bed's plugin and returns its path. The Go build cache makes it cheap the second time.
func build(t *testing.T, name string) string {
	t.Helper()
	command := "pulumi-resource-" + name
	file := filepath.Join(t.TempDir(), command)
	build := exec.Command("go", "build", "-o", file, "./"+command)
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build of %s: %v\n%s", command, err, out)
	}
	return file
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// officials are where Pulumi's own plugin of that name may be: on PATH, or where Pulumi puts what it downloads.
func officials(name string) (files []string) {
	command := "pulumi-resource-" + name
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		files = append(files, filepath.Join(folder, command))
	}
	if folder, err := workspace.GetPluginDir(); err == nil {
		downloaded, _ := filepath.Glob(filepath.Join(folder, "resource-"+name+"-v*", command)) // the pattern is well-formed
		files = append(files, downloaded...)
	}
	return files
}

// openOfficial returns nil where there is none.
func openOfficial(t *testing.T, name string) plugin.Provider {
	t.Helper()
	for _, file := range officials(name) {
		if !exists(file) {
			continue
		}
		p := open(t, name, file)
		info, err := p.GetPluginInfo(t.Context())
		if err != nil {
			t.Fatalf("%s does not say its version: %v", file, err)
		}
		if info.Version == nil || !strings.HasSuffix(info.Version.String(), guard.Mark) {
			t.Logf("Pulumi's own plugin is %s, version %v", file, info.Version)
			return p
		}
	}
	return nil
}

// open starts a plugin, which ends with the test.
func open(t *testing.T, name, file string) plugin.Provider {
	t.Helper()
	engine, err := host.New(context.Background(), nil, nil, nil, nil, nil, nil, nil)
	if err != nil {
		t.Fatalf("a host for plugins: %v", err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	folder := t.TempDir()
	here, err := plugin.NewContextWithHost(context.Background(), nil, nil, engine, folder, folder, nil)
	if err != nil {
		t.Fatalf("a context for plugins: %v", err)
	}
	t.Cleanup(func() { _ = here.Close() })
	p, err := plugin.NewProviderFromPath(engine, here, file)
	if err != nil {
		t.Fatalf("start of %s: %v", file, err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// configure does as the engine does with a provider, and records which version it is of and how it took the configuration.
func configure(t *testing.T, p plugin.Provider, name string, config Map) Record {
	t.Helper()
	kind := tokens.Type("pulumi:providers:" + name)
	urn := resource.NewURN("conformance", "istio-lab", "", kind, "provider")
	record := Record{}
	info, err := p.GetPluginInfo(t.Context())
	if err != nil || info.Version == nil {
		t.Fatalf("the plugin does not say its version: %v", err)
	}
	recorder{record: record, at: "plugin"}.text("version", strings.TrimSuffix(info.Version.String(), guard.Mark))
	said := recorder{record: record, at: "check"}
	checked, err := p.CheckConfig(t.Context(), plugin.CheckConfigRequest{
		URN: urn, Name: "provider", Type: kind, News: properties(config), AllowUnknowns: true,
	})
	if err != nil {
		t.Fatalf("check of the configuration: %v", err)
	}
	said.failures(checked.Failures)
	said.properties("inputs", checked.Properties)
	provider, id := "provider", resource.ID("1")
	if _, err := p.Configure(t.Context(), plugin.ConfigureRequest{
		URN: &urn, Name: &provider, Type: &kind, ID: &id, Inputs: checked.Properties,
	}); err != nil {
		t.Fatalf("configuration: %v", err)
	}
	return record
}

func properties(values Map) resource.PropertyMap {
	return resource.NewProperty(resource.NewPropertyMapFromMap(values)).ObjectValue()
}
