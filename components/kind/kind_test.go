package kind

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"istio-lab/internal/allot"
	"istio-lab/internal/golden"
	"istio-lab/internal/mocktest"
)

func west(t *testing.T) *ClusterArgs {
	t.Helper()
	slot, err := allot.For(0, allot.DefaultBase)
	if err != nil {
		t.Fatal(err)
	}
	return &ClusterArgs{
		Cluster: slot.West, Image: pulumi.String("kindest/node:test"), Network: pulumi.String("istio-lab"),
		ListenAddress: netip.MustParseAddr("127.0.0.1"),
		NodeLabels:    map[string]string{"topology.kubernetes.io/zone": "0", "topology.kubernetes.io/region": "westus"},
	}
}

func TestKubeadmGetsKindsConfigurationInEachVersionOfItsAPI(t *testing.T) {
	for _, api := range []kubeadmAPI{v1beta3, v1beta4} {
		golden.Check(t, "testdata/kubeadm-"+string(api)+".yaml", kubeadmConfig(west(t), api))
	}
}

func TestTheServersCertificateHasTheAddressWhereItIsPublished(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1": false, "0.0.0.0": false, "192.0.2.11": true} {
		args := west(t)
		args.ListenAddress = netip.MustParseAddr(listen)
		for _, api := range []kubeadmAPI{v1beta3, v1beta4} {
			if got := strings.Contains(kubeadmConfig(args, api), "- 192.0.2.11\n"); got != want {
				t.Errorf("%s: published at %s, the certificate has the address 192.0.2.11: %t", api, listen, got)
			}
		}
	}
}

func TestFeatureGatesGoToKubeletAlone(t *testing.T) {
	args := west(t)
	args.KubeletFeatureGates = map[string]bool{"KubeletInUserNamespace": true}
	for _, api := range []kubeadmAPI{v1beta3, v1beta4} {
		for _, document := range strings.Split(kubeadmConfig(args, api), "---\n") {
			has := strings.Contains(document, "KubeletInUserNamespace: true")
			if is := strings.Contains(document, "kind: KubeletConfiguration"); has != is {
				t.Errorf("%s: in this document: %t\n%s", api, has, document)
			}
		}
	}
}

func TestAMirrorIsAskedBeforeTheRegistryItself(t *testing.T) {
	got := hostsFile("docker.io", "http://192.0.2.1:5000/")
	want := `server = "https://registry-1.docker.io"

[host."http://192.0.2.1:5000"]
  capabilities = ["pull", "resolve"]
`
	if got != want {
		t.Errorf("got:\n%s", got)
	}
}

func TestContainerdHasMirrorsAndAUserNamespaceOnlyIfTheyAreAskedFor(t *testing.T) {
	args := west(t)
	args.KubeletFeatureGates = map[string]bool{"KubeletInUserNamespace": false}
	if got := paths(node(t, args)); strings.Contains(got, "certs.d") || strings.Contains(got, "userns") {
		t.Errorf("without a reason these are uploaded:\n%s", got)
	}
	args.Mirrors = map[string]string{"quay.io": "http://192.0.2.1:5000"}
	if got := paths(node(t, args)); !strings.Contains(got, "/etc/containerd/certs.d/quay.io/hosts.toml") || strings.Contains(got, "userns") {
		t.Errorf("with a mirror these are uploaded:\n%s", got)
	}
	args = west(t)
	args.KubeletFeatureGates = map[string]bool{"KubeletInUserNamespace": true}
	if got := paths(node(t, args)); !strings.Contains(got, "/etc/systemd/system/containerd.service.d/50-istio-lab-userns.conf") ||
		strings.Contains(got, "certs.d") {
		t.Errorf("as in a user namespace these are uploaded:\n%s", got)
	}
}

func TestNothingIsUploadedWhereAnEmptyFilesystemWouldHideIt(t *testing.T) {
	for _, path := range strings.Split(paths(node(t, west(t))), "\n") {
		if strings.HasPrefix(path, "/run/") || strings.HasPrefix(path, "/tmp/") || !strings.HasPrefix(path, "/") {
			t.Errorf("%q", path)
		}
	}
}

// node makes the cluster against a recorder, and returns its container.
func node(t *testing.T, args *ClusterArgs) mocktest.Resource {
	t.Helper()
	resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
		_, err := NewCluster(ctx, "west", args)
		return err
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources {
		if r.Type == "docker:index/container:Container" {
			return r
		}
	}
	t.Fatal("there is no container")
	return mocktest.Resource{}
}

func paths(container mocktest.Resource) string {
	var names []string
	uploads := container.Inputs["uploads"]
	for uploads.IsSecret() {
		uploads = uploads.SecretValue().Element
	}
	for _, upload := range uploads.ArrayValue() {
		names = append(names, upload.ObjectValue()["file"].StringValue())
	}
	return strings.Join(names, "\n")
}

func TestANodeIsSeenByTheKindCommandAndReplacedOnlyInPlace(t *testing.T) {
	container := node(t, west(t))
	labels := map[string]string{}
	for _, label := range container.Inputs["labels"].ArrayValue() {
		labels[label.ObjectValue()["label"].StringValue()] = label.ObjectValue()["value"].StringValue()
	}
	if labels["io.x-k8s.kind.cluster"] != "west" || labels["io.x-k8s.kind.role"] != "control-plane" {
		t.Errorf("labels are %v", labels)
	}
	if !container.RPC.GetDeleteBeforeReplace() || strings.Join(container.RPC.GetReplaceOnChanges(), "") != "#initerror" {
		t.Errorf("delete before replace %t, replace on changes of %v",
			container.RPC.GetDeleteBeforeReplace(), container.RPC.GetReplaceOnChanges())
	}
	if container.Inputs["mustRun"].BoolValue() {
		t.Error("a refresh would delete a stopped node")
	}
}

func TestIncompleteArgumentsAreRefusedBeforeAnythingRegisters(t *testing.T) {
	for name, change := range map[string]struct {
		change func(*ClusterArgs)
		want   string
	}{
		"no name":        {func(a *ClusterArgs) { a.Name = "" }, "name and node"},
		"no image":       {func(a *ClusterArgs) { a.Image = nil }, "image and network"},
		"no address":     {func(a *ClusterArgs) { a.Address = netip.Addr{} }, "address is not an address"},
		"no API port":    {func(a *ClusterArgs) { a.APIPort = 0 }, "API port"},
		"ranges overlap": {func(a *ClusterArgs) { a.ServiceSubnet = a.PodSubnet }, "are to be two apart"},
	} {
		t.Run(name, func(t *testing.T) {
			args := west(t)
			change.change(args)
			resources, err := mocktest.Run(func(ctx *pulumi.Context) error {
				_, err := NewCluster(ctx, "west", args)
				return err
			}, false)
			if err == nil || !strings.Contains(err.Error(), change.want) {
				t.Errorf("got %v", err)
			}
			for _, r := range resources {
				if r.Type != "pulumi:pulumi:Stack" {
					t.Errorf("%s %s was registered", r.Type, r.Name)
				}
			}
		})
	}
}

func TestContainerdsConfigurationIsCompletedOnce(t *testing.T) {
	const (
		version2 = "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  tolerate_missing_hugepages_controller = true\n"
		version3 = "version = 3\n"
		period   = "\n[plugins.\"io.containerd.cri.v1.runtime\"]\n  stats_collect_period = \"10s\"\n"
	)
	directory := t.TempDir()
	mirrors := ".registry]\n  config_path = \"" + directory + "\"\n"
	complete := func(before, mirrors, after string) {
		t.Helper()
		config := filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(config, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // at the first boot, and at a later one
			command := exec.Command("bash", "-s", config, mirrors)
			command.Stdin = strings.NewReader(containerdScript)
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		if got, err := os.ReadFile(config); err != nil || string(got) != after {
			t.Errorf("%v, of\n%s\nis made\n%s", err, before, got)
		}
	}
	complete(version2, filepath.Join(directory, "absent"), version2+period)
	for before, after := range map[string]string{
		version2:                  version2 + period + "\n[plugins.\"io.containerd.grpc.v1.cri\"" + mirrors,
		version3:                  version3 + period + "\n[plugins.\"io.containerd.cri.v1.images\"" + mirrors,
		version3 + period:         version3 + period + "\n[plugins.\"io.containerd.cri.v1.images\"" + mirrors,
		version3 + "[a" + mirrors: version3 + "[a" + mirrors + period,
	} {
		complete(before, directory, after)
	}
}

func TestTheScriptsAreValidShell(t *testing.T) {
	for shell, scripts := range map[string][]string{"bash": {bootstrapScript, containerdScript, servicesScript}, "sh": {healthScript}} {
		for _, script := range scripts {
			command := exec.Command(shell, "-n")
			command.Stdin = strings.NewReader(script)
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", shell, err, out)
			}
		}
	}
}
