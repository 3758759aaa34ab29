package kind

import (
	"net/netip"
	"os/exec"
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

func TestContainerdIsTouchedForMirrorsAndForAUserNamespaceOnly(t *testing.T) {
	args := west(t)
	args.KubeletFeatureGates = map[string]bool{"KubeletInUserNamespace": false}
	if got := paths(node(t, args)); strings.Contains(got, "containerd") {
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

func TestTheScriptsAreValidShell(t *testing.T) {
	for shell, scripts := range map[string][]string{"bash": {bootstrapScript, mirrorsScript, servicesScript}, "sh": {healthScript}} {
		for _, script := range scripts {
			command := exec.Command(shell, "-n")
			command.Stdin = strings.NewReader(script)
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", shell, err, out)
			}
		}
	}
}
