//go:build conformance

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	dockerImage = "busybox:1.36.1" // of the test bed; it has no shell
	dockerNet   = "conformance-net"
	dockerBox   = "conformance-box"
	// dockerOther is in the way of the resource, or uses it.
	dockerOther = "conformance-other"
	dockerTag   = "conformance-image"
)

// The inputs are those of components/network, components/container and components/kind, on a small image.
func TestDocker(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("docker", "image", "inspect", dockerImage).CombinedOutput(); err != nil {
		t.Fatalf("the Docker engine does not answer, or does not have %s: %v\n%s", dockerImage, err, out)
	}
	Suite{
		Plugin: "docker",
		Config: Map{"version": "4.11.2"},
		Rules: []Rule{
			{At: "id", As: Something},
			{At: "outputs.id", As: Something},
			{At: "error", As: daemonsWords},
			{At: "reasons[*]", As: daemonsWords},
			{At: "outputs.*", As: UnlessEmpty},
		},
		Cases: []Case{
			dockerNetwork(), networkInUse(), networkInTheWay("a network whose name is taken", "10.213.96.0/24"),
			networkInTheWay("a network whose addresses are taken", "10.213.95.0/24"),
			dockerImages(), absentImage(),
			node(), beside(t), unhealthy(), inTheWay(), unstartable(t),
		},
	}.Run(t)
}

var (
	daemon     = regexp.MustCompile(`(?s)Error response from daemon: (.*)`)
	dockersIDs = regexp.MustCompile(`[0-9a-f]{64}`)
)

// daemonsWords are what Docker said of an error, or all of it where that was not Docker.
func daemonsWords(message string) string {
	if said := daemon.FindStringSubmatch(message); said != nil {
		message = said[1]
	}
	return strings.TrimSpace(dockersIDs.ReplaceAllString(message, "…"))
}

// docker runs a command, which has to succeed.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// cleared removes what a case has left, or an earlier run of it.
func cleared(t *testing.T) {
	clear := func() {
		_ = exec.Command("docker", "rm", "--force", "--volumes", dockerBox, dockerOther).Run()
		_ = exec.Command("docker", "network", "rm", dockerNet, dockerNet+"-2", dockerOther).Run()
		_ = exec.Command("docker", "rmi", dockerTag+":1", dockerTag+":2").Run()
	}
	clear()
	t.Cleanup(clear)
}

// withNetwork is the network that the containers are on.
func withNetwork(t *testing.T) {
	cleared(t)
	docker(t, "network", "create", "--subnet", "10.213.95.0/24", dockerNet)
}

func does(args ...string) func(*testing.T, State) {
	return func(t *testing.T, _ State) { docker(t, args...) }
}

// inspect says what Docker shows of a thing.
func inspect(name, format string) func(*testing.T, State) Map {
	return func(t *testing.T, _ State) Map { return Map{"docker": docker(t, "inspect", "--format", format, name)} }
}

func labels(owner string) []any {
	return []any{Map{"label": "istio-lab.stack", "value": owner}, Map{"label": "istio-lab.student", "value": "95"}}
}

func networkInputs() Map {
	return Map{
		"name": dockerNet, "driver": "bridge", "labels": labels("a"),
		"ipamConfigs": []any{Map{"subnet": "10.213.95.0/24", "gateway": "10.213.95.1", "ipRange": "10.213.95.224/27"}},
	}
}

func dockerNetwork() Case {
	inputs := networkInputs()
	look := inspect(dockerNet, "{{.Driver}} {{json .IPAM}} {{json .Labels}} {{json .Options}}")
	return Case{
		Name: "a network", Type: "docker:index/network:Network", Setup: cleared,
		DeleteBeforeReplace: true, IgnoreChanges: []string{"options", "labels"},
		Steps: []Step{
			{Name: "is made", Inputs: inputs, Unknown: []string{"name"}, Does: Creates, After: look},
			{Name: "stays as it is", Inputs: inputs, Does: Nothing},
			{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
			{Name: "has another owner", Inputs: inputs.with(Map{"labels": labels("b")}), Does: Nothing},
			{Name: "has another name", Inputs: inputs.with(Map{"name": dockerNet + "-2"}), Does: Replaces},
			{Name: "has a name that the preview does not know", Inputs: inputs, Unknown: []string{"name"}, Does: Replaces},
			{Name: "has other addresses", Inputs: inputs.with(Map{
				"ipamConfigs": []any{Map{"subnet": "10.213.97.0/24", "gateway": "10.213.97.1", "ipRange": "10.213.97.224/27"}},
			}), Does: Replaces, After: look},
			{Name: "is gone", Before: does("network", "rm", dockerNet), Refresh: true, Inputs: inputs, Does: Creates},
			{Name: "is gone, and nobody has looked", Before: does("network", "rm", dockerNet),
				Inputs: inputs.with(Map{"name": dockerNet + "-2"}), Does: Replaces},
			{Name: "has an input that there is not", Inputs: inputs.with(Map{"nets": 1}), Does: Refused},
		},
	}
}

func networkInUse() Case {
	use := func(t *testing.T, _ State) {
		docker(t, "run", "--detach", "--name", dockerOther, "--network", dockerNet, dockerImage, "busybox", "sleep", "600")
		time.AfterFunc(3*time.Second, func() { _ = exec.Command("docker", "rm", "--force", dockerOther).Run() })
	}
	return Case{
		Name: "a network that is in use", Type: "docker:index/network:Network", Setup: cleared, DeleteBeforeReplace: true,
		Steps: []Step{
			{Name: "is made", Inputs: networkInputs(), Does: Creates},
			{Name: "is replaced as soon as it is left", Before: use, Inputs: networkInputs().with(Map{"labels": labels("b")}), Does: Replaces},
		},
	}
}

func networkInTheWay(name, subnet string) Case {
	return Case{
		Name: name, Type: "docker:index/network:Network",
		Setup: func(t *testing.T) {
			cleared(t)
			other := dockerOther
			if !strings.HasPrefix(subnet, "10.213.95.") {
				other = dockerNet
			}
			docker(t, "network", "create", "--subnet", subnet, other)
		},
		Steps: []Step{{Name: "is made", Inputs: networkInputs(), Does: Refused}},
	}
}

func dockerImages() Case {
	first, second := Map{"name": dockerTag + ":1", "keepLocally": true}, Map{"name": dockerTag + ":2", "keepLocally": true}
	return Case{
		Name: "an image", Type: "docker:index/remoteImage:RemoteImage",
		Setup: func(t *testing.T) {
			cleared(t)
			docker(t, "tag", dockerImage, dockerTag+":1")
			docker(t, "tag", dockerImage, dockerTag+":2")
		},
		Steps: []Step{
			{Name: "is there", Inputs: first, Does: Creates},
			{Name: "stays as it is", Refresh: true, Inputs: first, Does: Nothing},
			{Name: "is another one", Inputs: second, Does: Replaces, After: inspect(dockerTag+":1", "{{.Id}}")},
			{Name: "need not be kept", Inputs: Map{"name": dockerTag + ":2"}, Does: Updates},
			{Name: "is gone", Before: does("rmi", dockerTag+":2"), Refresh: true, Inputs: second, Does: Refused},
			{Name: "is there again", Before: does("tag", dockerImage, dockerTag+":2"), Inputs: Map{"name": dockerTag + ":2"}, Does: Creates},
			{Name: "was kept before", Inputs: first, Does: Replaces},
			{Name: "is called nothing", Inputs: Map{"keepLocally": true}.with(Map{"name": ""}), Does: Refused},
		},
	}
}

func absentImage() Case {
	return Case{
		Name: "an image that is not to be had", Type: "docker:index/remoteImage:RemoteImage", Setup: cleared,
		Steps: []Step{{Name: "is pulled", Inputs: Map{"name": "127.0.0.1:9/absent:1", "keepLocally": true}, Does: Refused}},
	}
}

func upload(path, content string) Map {
	return Map{"file": path, "permissions": "0644", "content": content}
}

func files(all ...any) resource.PropertyValue {
	return resource.MakeSecret(resource.NewProperty(properties(Map{"files": all})["files"].ArrayValue()))
}

func published(internal, external int) Map {
	return Map{"internal": internal, "external": external, "ip": "127.0.0.1", "protocol": "tcp"}
}

func attached(address string) []any { return []any{Map{"name": dockerNet, "ipv4Address": address}} }

// nodeInputs are a cluster node's.
func nodeInputs() Map {
	return Map{
		"name": dockerBox, "hostname": dockerBox, "image": dockerImage, "labels": labels("a"),
		"privileged": true, "securityOpts": []any{"seccomp=unconfined", "apparmor=unconfined", "label=disable"},
		"cgroupnsMode": "private", "tty": true, "init": false, "tmpfs": Map{"/tmp": "", "/run": ""},
		"volumes": []any{
			Map{"containerPath": "/var"}, Map{"hostPath": "/lib/modules", "containerPath": "/lib/modules", "readOnly": true},
		},
		"command": []any{"busybox", "sleep", "600"}, "envs": []any{"KUBECONFIG=/etc/kubernetes/admin.conf"},
		"networksAdvanced": attached("10.213.95.2"), "ports": []any{published(80, 20955), published(81, 20956)},
		"uploads": files(upload("/etc/a", "one"), upload("/var/lib/b", "two")),
		"restart": "on-failure", "maxRetryCount": 1, "mustRun": false,
		"healthcheck": Map{
			"tests": []any{"CMD", "busybox", "test", "-f", "/etc/a"}, "interval": "1s", "timeout": "5m0s", "startPeriod": "0s", "retries": 3,
		},
		"wait": true, "waitTimeout": 60,
	}
}

// containerCase is a container's life, with the options that the program gives all of them.
func containerCase(name string, setup func(*testing.T), steps ...Step) Case {
	return Case{
		Name: name, Type: "docker:index/container:Container", Setup: setup, Steps: steps,
		DeleteBeforeReplace: true, ReplaceOnInitError: true, IgnoreChanges: []string{"logDriver", "logOpts", "labels"},
	}
}

const looks = `{{.Config.Image}} {{json .Config.Cmd}} {{json .Config.Labels}} {{json .Config.ExposedPorts}} {{json .Config.Volumes}} ` +
	`{{json .Config.Healthcheck}} {{.Config.Hostname}} {{.Config.Tty}} {{json .HostConfig.Binds}} ` +
	`{{range $port, $b := .HostConfig.PortBindings}}{{$port}} {{json $b}} {{end}}` +
	`{{json .HostConfig.RestartPolicy}} {{.HostConfig.CgroupnsMode}} {{.HostConfig.Privileged}} {{json .HostConfig.Tmpfs}} ` +
	`{{.HostConfig.Init}} {{.HostConfig.NetworkMode}} {{len .Mounts}} ` +
	`{{range $name, $n := .NetworkSettings.Networks}}{{$name}} {{$n.IPAddress}}{{end}}`

func node() Case {
	inputs := nodeInputs()
	contents := func(t *testing.T, s State) Map {
		seen := inspect(dockerBox, looks)(t, s)
		for _, path := range []string{"/etc/a", "/var/lib/b"} {
			seen[path] = docker(t, "exec", dockerBox, "busybox", "stat", "-c", "%a %u %g %s", path) + " " +
				docker(t, "exec", dockerBox, "busybox", "cat", path)
		}
		return seen
	}
	policy := inspect(dockerBox, "{{json .HostConfig.RestartPolicy}}")
	return containerCase("a node", withNetwork,
		Step{Name: "is made", Inputs: inputs, Unknown: []string{"image", "networksAdvanced[0].name"}, Does: Creates, After: contents},
		Step{Name: "stays as it is", Inputs: inputs, Does: Nothing},
		Step{Name: "stays after a refresh", Refresh: true, Inputs: inputs, Does: Nothing},
		Step{Name: "is listed in another order", Inputs: inputs.with(Map{
			"ports": []any{published(81, 20956), published(80, 20955)}, "uploads": files(upload("/var/lib/b", "two"), upload("/etc/a", "one")),
			"securityOpts": []any{"label=disable", "seccomp=unconfined", "apparmor=unconfined"},
		}), Does: Nothing},
		Step{Name: "has another owner", Inputs: inputs.with(Map{"labels": labels("b")}), Does: Nothing},
		Step{Name: "says nothing of what the engine fills in", Inputs: inputs.with(Map{
			"hostname": nil, "command": nil, "envs": nil, "securityOpts": nil, "init": nil, "healthcheck": nil,
		}), Does: Nothing},
		Step{Name: "restarts otherwise", Inputs: inputs.with(Map{"restart": "always", "maxRetryCount": nil}), Does: Updates, After: policy},
		Step{Name: "is waited for and looked at otherwise", Inputs: inputs.with(Map{
			"wait": false, "waitTimeout": nil, "tmpfs": Map{"/tmp": "size=1m"}, "init": true,
			"healthcheck": Map{"tests": []any{"CMD", "busybox", "true"}, "interval": "2s"},
		}), Does: Updates, After: policy},
		Step{Name: "is as before", Inputs: inputs, Does: Updates, After: policy},
		Step{Name: "has another image, environment and command", Inputs: inputs.with(Map{
			"image": dockerTag + ":1", "envs": []any{"A=b", "KUBECONFIG=/etc/kubernetes/admin.conf"},
			"command": []any{"busybox", "sleep", "60", "60"},
		}), Before: does("tag", dockerImage, dockerTag+":1"), Does: Replaces, After: contents},
		Step{Name: "has another port and address", Inputs: inputs.with(Map{
			"ports": []any{published(80, 20955), published(81, 20957)}, "networksAdvanced": attached("10.213.95.3"),
		}), Does: Replaces, After: contents},
		Step{Name: "has a port less, and a file more", Inputs: inputs.with(Map{
			"ports": []any{published(81, 20957)}, "networksAdvanced": attached("10.213.95.3"),
			"uploads": files(upload("/etc/a", "one"), upload("/var/lib/b", "two"), upload("/etc/c", "three")),
		}), Does: Replaces},
		Step{Name: "has another file, which the preview does not know", Inputs: inputs.with(Map{
			"uploads": []any{upload("/etc/a", "1"), upload("/var/lib/b", "2")},
		}), Unknown: []string{"uploads[0].content"}, Does: Replaces, After: contents},
		Step{Name: "has less of everything", Inputs: inputs.with(Map{
			"uploads": files(upload("/etc/a", "1")), "ports": nil, "tmpfs": nil, "privileged": nil, "cgroupnsMode": nil, "tty": nil,
			"volumes": []any{Map{"containerPath": "/var"}}, "securityOpts": []any{"label=disable"},
		}), Does: Replaces, After: inspect(dockerBox, looks)},
		Step{Name: "has everything again", Inputs: inputs, Does: Replaces},
		Step{Name: "was stopped", Before: does("stop", "--time", "0", dockerBox), Refresh: true, Inputs: inputs, Does: Replaces, After: contents},
		Step{Name: "was removed", Before: does("rm", "--force", "--volumes", dockerBox), Refresh: true, Inputs: inputs, Does: Creates},
		Step{Name: "was removed, and nobody has looked", Before: does("rm", "--force", "--volumes", dockerBox),
			Inputs: inputs.with(Map{"hostname": "other"}), Does: Refused},
		Step{Name: "is looked for", Refresh: true, Inputs: inputs, Does: Creates},
		Step{Name: "has an input that there is not", Inputs: inputs.with(Map{"hosting": 1}), Does: Refused},
		Step{Name: "restarts in a way that there is not", Inputs: inputs.with(Map{"restart": "sometimes"}), Does: Refused},
		Step{Name: "has no image", Inputs: inputs.with(Map{"image": nil}), Does: Refused},
	)
}

// beside is mypc, or the server of the Wasm filter.
func beside(t *testing.T) Case {
	source := filepath.Join(t.TempDir(), "filter.wasm")
	if err := os.WriteFile(source, []byte("filter"), 0o600); err != nil {
		t.Fatal(err)
	}
	filter := func(hash string) []any {
		return []any{Map{"file": "/srv/" + hash + ".wasm", "source": source, "sourceHash": hash}}
	}
	inputs := Map{
		"name": dockerBox, "hostname": dockerBox, "image": dockerImage, "command": []any{"busybox", "sleep", "600"}, "init": true,
		"labels": labels("a"), "networksAdvanced": attached("10.213.95.100"), "restart": "unless-stopped", "mustRun": false,
		"uploads": filter("1234"),
	}
	running := inspect(dockerBox, "{{.State.Running}} {{.HostConfig.Init}} {{json .HostConfig.RestartPolicy}}")
	return containerCase("a container beside the clusters", withNetwork,
		Step{Name: "is made", Inputs: inputs, Unknown: []string{"networksAdvanced[0].name"}, Does: Creates, After: running},
		Step{Name: "stays as it is", Inputs: inputs, Does: Nothing},
		Step{Name: "serves another file", Inputs: inputs.with(Map{"uploads": filter("5678")}), Does: Replaces},
		Step{Name: "was stopped", Before: does("stop", "--time", "0", dockerBox), Refresh: true,
			Inputs: inputs.with(Map{"uploads": filter("5678")}), Does: Nothing, After: running},
		Step{Name: "has no file", Inputs: inputs.with(Map{"uploads": nil}), Does: Replaces},
	)
}

func unhealthy() Case {
	sick := nodeInputs().with(Map{
		"healthcheck": Map{"tests": []any{"CMD", "busybox", "false"}, "interval": "1s", "retries": 1}, "waitTimeout": 3,
	})
	return containerCase("a container whose health never comes", withNetwork,
		Step{Name: "is made", Inputs: sick, Does: Fails, After: inspect(dockerBox, "{{.State.Running}} {{.State.Health.Status}}")},
		Step{Name: "is made anew", Inputs: sick, Does: Fails},
		Step{Name: "is mended", Inputs: nodeInputs(), Does: Replaces},
		Step{Name: "has no health check", Inputs: nodeInputs().with(Map{"healthcheck": nil, "hostname": "other"}), Does: Fails},
		Step{Name: "ends at once", Inputs: nodeInputs().with(Map{
			"command": []any{"busybox", "false"}, "restart": "no", "maxRetryCount": nil, "waitTimeout": 3,
		}), Does: Fails},
	)
}

func inTheWay() Case {
	return containerCase("a container with another one in its way",
		func(t *testing.T) {
			withNetwork(t)
			docker(t, "run", "--detach", "--name", dockerOther, "--network", dockerNet, "--ip", "10.213.95.4", "--publish", "127.0.0.1:20959:80",
				dockerImage, "busybox", "sleep", "600")
		},
		Step{Name: "has its name", Inputs: nodeInputs().with(Map{"name": dockerOther}), Does: Refused},
		Step{Name: "has its address", Inputs: nodeInputs().with(Map{"networksAdvanced": attached("10.213.95.4")}), Does: Fails},
		Step{Name: "has its port", Inputs: nodeInputs().with(Map{"ports": []any{published(80, 20959)}}), Does: Fails},
		Step{Name: "leaves it alone", Inputs: nodeInputs(), Does: Replaces},
		Step{Name: "wants its name", Inputs: nodeInputs().with(Map{"name": dockerOther}), Does: Refused},
	)
}

func unstartable(t *testing.T) Case {
	missing := filepath.Join(t.TempDir(), "missing")
	inputs := nodeInputs()
	return containerCase("a container that does not start", withNetwork,
		Step{Name: "has no image", Inputs: inputs.with(Map{"image": "127.0.0.1:9/absent:1"}), Does: Refused},
		Step{Name: "has no program", Inputs: inputs.with(Map{"command": []any{"missing"}}), Does: Fails},
		Step{Name: "has no network", Inputs: inputs.with(Map{"networksAdvanced": []any{Map{"name": "conformance-missing"}}}), Does: Fails},
		Step{Name: "has no file", Inputs: inputs.with(Map{"uploads": []any{Map{"file": "/a", "source": missing}}}), Does: Fails},
		Step{Name: "has an empty file", Inputs: inputs.with(Map{"uploads": []any{upload("/a", "")}}), Does: Fails},
	)
}
