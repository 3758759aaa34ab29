package languagego

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"istio-lab/testbed/plugins/guard"
)

// project is the folder of the Pulumi project.
const project = "../../../.."

// engine is one that keeps what it is told.
type engine struct {
	pulumirpc.EngineClient
	said []string
}

func (e *engine) Log(_ context.Context, r *pulumirpc.LogRequest, _ ...grpc.CallOption) (*emptypb.Empty, error) {
	e.said = append(e.said, r.Message)
	return &emptypb.Empty{}, nil
}

// module writes a module with the files, and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// program is a module with a program of one function body.
func program(t *testing.T, imports, body string) string {
	t.Helper()
	return module(t, map[string]string{
		"go.mod":  "module program\n\ngo 1.26\n",
		"main.go": "package main\n\nimport (" + imports + ")\n\nfunc main() {" + body + "}\n",
	})
}

// run runs the program of a folder, as the engine asks for it.
func run(t *testing.T, h *host, folder string, with func(*pulumirpc.RunRequest)) (*pulumirpc.RunResponse, error) {
	t.Helper()
	t.Setenv("GOWORK", "off")
	request := &pulumirpc.RunRequest{
		Project: "istio-lab", Stack: "ann", Organization: "organization", Pwd: folder, Parallel: 16, MonitorAddress: "127.0.0.1:2",
		Info: &pulumirpc.ProgramInfo{RootDirectory: folder, ProgramDirectory: folder, EntryPoint: "."},
	}
	if with != nil {
		with(request)
	}
	return h.Run(t.Context(), request)
}

func testHost(t *testing.T) (*host, *engine) {
	e := &engine{}
	return newHost(t.Context(), "127.0.0.1:1", e), e
}

func TestAProgramIsRunInItsFolderWithAllThatTheEngineSaysOfTheStack(t *testing.T) {
	t.Setenv("PULUMI_STACK", "of the person's shell")
	h, e := testHost(t)
	folder := program(t, `"encoding/json"; "os"`,
		`text, _ := json.Marshal(os.Environ()); _ = os.WriteFile("environment", text, 0o600)`)
	response, err := run(t, h, folder, func(r *pulumirpc.RunRequest) {
		r.DryRun = true
		r.Config = map[string]string{"istio-lab:lab": `{"images":{}}`}
		r.ConfigSecretKeys = []string{"istio-lab:token"}
	})
	if err != nil || response.Error != "" || response.Bail {
		t.Fatalf("got %v, %v", response, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "environment"))
	if err != nil {
		t.Fatal(err)
	}
	var environment []string
	if err := json.Unmarshal(text, &environment); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"PULUMI_PROJECT=istio-lab", "PULUMI_STACK=ann", "PULUMI_ORGANIZATION=organization", "PULUMI_ROOT_DIRECTORY=" + folder,
		"PULUMI_DRY_RUN=true", "PULUMI_PARALLEL=16", "PULUMI_MONITOR=127.0.0.1:2", "PULUMI_ENGINE=127.0.0.1:1",
		`PULUMI_CONFIG={"istio-lab:lab":"{\"images\":{}}"}`, `PULUMI_CONFIG_SECRET_KEYS=["istio-lab:token"]`, "PATH=" + os.Getenv("PATH"),
	} {
		if !slices.Contains(environment, want) {
			t.Errorf("%s is not in %q", want, environment)
		}
	}
	if !slices.Equal(e.said, []string{"compiling the program", "the program is compiled"}) {
		t.Errorf("a person was shown %q", e.said)
	}
}

func TestTheEndsOfAProgramAreToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		imports, body string
		bail          bool
		says          string
	}{
		"the engine knows why":         {`"os"`, "os.Exit(32)", true, `^$`},
		"the engine does not know why": {`"os"`, "os.Exit(3)", false, `^the program: exit status 3$`},
		"it does not compile":          {"", "undefined()", false, `^the program in \S+ does not compile: exit status 1\n(?s:.*)main\.go:5:14: undefined: undefined$`},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := testHost(t)
			response, err := run(t, h, program(t, c.imports, c.body), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.Bail != c.bail || !regexp.MustCompile(c.says).MatchString(response.Error) {
				t.Errorf("got bail %t, error %q", response.Bail, response.Error)
			}
		})
	}
}

func TestAPackageThatIsNoProgramIsNamed(t *testing.T) {
	h, _ := testHost(t)
	response, err := run(t, h, module(t, map[string]string{"go.mod": "module library\n\ngo 1.26\n", "library.go": "package library\n"}), nil)
	if err != nil || !strings.Contains(response.GetError(), "is not a program: it has no package main") {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestNothingIsLeftOfACompiledProgram(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	h, _ := testHost(t)
	if _, err := run(t, h, program(t, "", ""), nil); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(temporary, "pulumi-go-*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

func TestACancelledProgramIsInterruptedAndWaitedFor(t *testing.T) {
	h, _ := testHost(t)
	folder := program(t, `"os"; "os/signal"`, `
		heard := make(chan os.Signal, 1)
		signal.Notify(heard, os.Interrupt)
		_ = os.WriteFile("ready", nil, 0o600)
		<-heard
		_ = os.WriteFile("interrupted", nil, 0o600)
		os.Exit(32)
	`)
	go func() {
		for !exists(filepath.Join(folder, "ready")) {
			time.Sleep(10 * time.Millisecond)
		}
		_, _ = h.Cancel(context.Background(), &emptypb.Empty{})
	}()
	response, err := run(t, h, folder, nil)
	if err != nil || !response.Bail {
		t.Errorf("got %v, %v", response, err)
	}
	if !exists(filepath.Join(folder, "interrupted")) {
		t.Error("the program was not interrupted, or not waited for")
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func TestWhatARunMustNotAskForIsRefusedByName(t *testing.T) {
	options, err := structpb.NewStruct(map[string]any{"binary": "lab"})
	if err != nil {
		t.Fatal(err)
	}
	for says, with := range map[string]func(*pulumirpc.RunRequest){
		"cannot attach a debugger":    func(r *pulumirpc.RunRequest) { r.AttachDebugger = true },
		"and the project sets binary": func(r *pulumirpc.RunRequest) { r.Info.Options = options },
	} {
		h, _ := testHost(t)
		_, err := run(t, h, program(t, "", ""), with)
		if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}

func TestThePluginsAreThoseOfTheModulesThatAProgramIsBuiltOf(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	library := "package library\n"
	folder := module(t, map[string]string{
		"go.mod": "module program\n\ngo 1.26\n\nrequire (\n" +
			"\texample.com/own v1.2.3\n\texample.com/told v1.0.0\n\texample.com/none v1.0.0\n\texample.com/unused v1.0.0\n)\n\n" +
			"replace (\n\texample.com/own => ./own\n\texample.com/told => ./told\n\texample.com/none => ./none\n\texample.com/unused => ./unused\n)\n",
		"main.go": "package main\n\nimport (\n\t_ \"example.com/none\"\n\t_ \"example.com/own/go/own/core\"\n\t_ \"example.com/told\"\n)\n\n" +
			"func main() { undefined() }\n", // as Run says
		"own/go.mod":                     "module example.com/own\n",
		"own/go/own/core/library.go":     library,
		"own/go/own/pulumi-plugin.json":  `{"resource": true, "name": "own"}`,
		"told/go.mod":                    "module example.com/told\n",
		"told/library.go":                library,
		"told/pulumi-plugin.json":        `{"resource": true, "name": "told", "version": "5.5.1", "server": "https://plugins.example.com"}`,
		"none/go.mod":                    "module example.com/none\n",
		"none/library.go":                library,
		"unused/go.mod":                  "module example.com/unused\n",
		"unused/library.go":              library,
		"unused/go/x/pulumi-plugin.json": `{"resource": true, "name": "unused"}`,
	})
	h, _ := testHost(t)
	response, err := h.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{
		Info: &pulumirpc.ProgramInfo{ProgramDirectory: folder},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := packages(response), []string{
		"own v1.2.3 ", "told 5.5.1 https://plugins.example.com",
	}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func packages(response *pulumirpc.GetRequiredPackagesResponse) []string {
	var all []string
	for _, p := range response.Packages {
		all = append(all, p.Name+" "+p.Version+" "+p.Server)
	}
	slices.Sort(all)
	return all
}

func TestAPluginThatTakesParametersIsRefused(t *testing.T) {
	folder := module(t, map[string]string{"pulumi-plugin.json": `{"resource": true, "name": "bridge", "parameterization": {"name": "x"}}`})
	if _, err := readPlugin(folder); err == nil || !strings.Contains(err.Error(), "has parameters") {
		t.Errorf("got %v", err)
	}
}

// The lab's program needs three plugins, of the versions of their SDKs.
func TestTheLabsProgramNeedsThePluginsOfItsSDKs(t *testing.T) {
	h, _ := testHost(t)
	response, err := h.GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{
		Info: &pulumirpc.ProgramInfo{ProgramDirectory: project},
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(project, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, found := range regexp.MustCompile(`github\.com/pulumi/pulumi-(\w+)/sdk/v\d+ v(\S+)`).FindAllStringSubmatch(string(file), -1) {
		want = append(want, found[1]+" "+found[2]+" ")
	}
	slices.Sort(want)
	if got := packages(response); len(want) != 3 || !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAboutNamesGoAndTheProgramsModules(t *testing.T) {
	h, _ := testHost(t)
	info := &pulumirpc.ProgramInfo{ProgramDirectory: project}
	about, err := h.About(t.Context(), &pulumirpc.AboutRequest{Info: info})
	if err != nil || !strings.HasPrefix(about.Version, "go version go1.") || !filepath.IsAbs(about.Executable) {
		t.Errorf("got %v, %v", about, err)
	}
	direct, err := h.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{Info: info})
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.GetProgramDependencies(t.Context(), &pulumirpc.GetProgramDependenciesRequest{Info: info, TransitiveDependencies: true})
	if err != nil || len(direct.Dependencies) == 0 || len(all.Dependencies) <= len(direct.Dependencies) {
		t.Errorf("%d direct dependencies, %d in all, %v", len(direct.Dependencies), len(all.Dependencies), err)
	}
	if !slices.ContainsFunc(direct.Dependencies, func(d *pulumirpc.DependencyInfo) bool {
		return d.Name == "github.com/pulumi/pulumi/sdk/v3" && strings.HasPrefix(d.Version, "v3.")
	}) {
		t.Errorf("Pulumi's SDK is not among %v", direct.Dependencies)
	}
}

func TestWithoutGoAPersonIsToldSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	h, _ := testHost(t)
	response, err := h.Run(t.Context(), &pulumirpc.RunRequest{Pwd: t.TempDir(), Info: &pulumirpc.ProgramInfo{ProgramDirectory: t.TempDir()}})
	if err != nil || response.GetError() != errNoGo.Error() {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestTheHostServesItsEngineUntilThatEndsIt(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, pulumirpc.UnimplementedEngineServer{})
	go server.Serve(listener)
	defer server.Stop()
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve([]string{"--logflow", "-v=9", listener.Addr().String()}, in) }()
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	client := pulumirpc.NewLanguageRuntimeClient(connection)
	info, err := client.GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.Version != Version+guard.Mark {
		t.Errorf("got %v, %v", info, err)
	}
	_, err = client.GenerateProgram(t.Context(), &pulumirpc.GenerateProgramRequest{})
	if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), "GenerateProgram") {
		t.Errorf("got %v", err)
	}
	if _, err := client.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Error(err)
	}
	connection.Close()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the host goes on after its end")
	}
}

func TestWithoutAnEngineTheHostDoesNotStart(t *testing.T) {
	if err := Serve(nil, io.Discard); err == nil || !strings.Contains(err.Error(), "is started by pulumi") {
		t.Errorf("got %v", err)
	}
}

func TestTheVersionIsThatOfThePinnedEngine(t *testing.T) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/pulumi/pulumi/pkg/v3")
	list.Dir = filepath.Join(project, "tools")
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(text)); got != "v"+Version {
		t.Errorf("the engine is %s, the language host stands in for v%s", got, Version)
	}
}
