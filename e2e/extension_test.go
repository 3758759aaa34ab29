//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"istio-lab/internal/settings"
)

// chapter14 has the steps of the extension lab.
var chapter14 = map[settings.Stage]page{
	settings.Cluster: {shows: []string{`^node/myk8s-92-control-plane +Ready`, `^myk8s-92-control-plane +\d+m`}},
	settings.Mesh: {
		adds:    []string{"myk8s-system", "myk8s-istio", "myk8s-prometheus"},
		without: "myk8s has no deployments istio-system/istiod",
		shows:   []string{`^istio-egressgateway-\S+ +1/1 +Running`, `^istio-egressgateway-\S+\.istio-system +Kubernetes`},
	},
	settings.Apps: {
		adds: []string{
			"myk8s-istioinaction", "myk8s-webapp", "myk8s-catalog", "myk8s-httpbin", "myk8s-sleep", "myk8s-coolstore-gateway",
		},
		without: "myk8s has no pod with app=webapp",
		shows:   []string{`^ +5 +100% +200 4 items`, `X-Forwarded-Client-Cert`, `envoy\.filters\.http\.router`},
	},
	settings.Tap: {
		adds:    []string{"myk8s-tap-filter"},
		without: "the proxy has no tap",
		shows:   []string{`x-app-tap`, `kind: EnvoyFilter`},
	},
	settings.RateLimit: {
		adds: []string{
			"myk8s-ratelimit", "myk8s-catalog-ratelimit-filter", "myk8s-catalog-ratelimit-actions",
		},
		without: "of 4 requests in a minute 4 are answered, not 1",
		shows:   []string{`^ +\d+ +\d+% +200 4 items`, `^ +\d+ +\d+% +500`},
	},
	settings.Lua: {
		adds:    []string{"myk8s-bucket-tester", "myk8s-httpbin-lua-extension"},
		without: "does bucket-tester answer?",
		shows:   []string{`X-Test-Cohort`, `(?i)^istioinaction: it works!`},
	},
	settings.Wasm: {
		adds:    []string{"myk8s-wasm"},
		without: `has x-istioinaction-wasm: []`,
		shows:   []string{`x-istioinaction-wasm`},
	},
}

// TestTheExtensionLab builds the lab stage by stage and lets the other subtests look at it, change it, break it and throw it away, in
// their order.
func TestTheExtensionLab(t *testing.T) {
	parallel(t, 1, 9*time.Minute)
	s := newStack(t, "e2e-extension", 92)
	if !run(t, "each lesson can be followed, and its stage makes its claims true and no others", func(t *testing.T) {
		s.climb(t, settings.Extension, chapter14)
	}) {
		return
	}
	for _, part := range []struct {
		name string
		test func(*testing.T, *stack)
	}{
		{"the ports of myk8s are published", portsArePublished},
		{"the ingress gateway is reached by HTTP and HTTPS", extensionIngressIsReached},
		{"what no service takes does not leave the node", servicesStayOnTheNode},
		{"a changed limit shows in the preview and takes effect", changedLimitTakesEffect},
		{"without redis requests fail, and up heals", withoutRedisRequestsFail},
		{"a stopped Wasm server is started", stoppedWasmServerIsStarted},
		{"plain destroy leaves nothing", destroyedWhole},
	} {
		run(t, part.name, func(t *testing.T) { part.test(t, s) })
	}
}

func portsArePublished(t *testing.T, s *stack) {
	c := s.slot.MyK8s
	bindings, err := publishedPorts(t, c.Node)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"6443/tcp": fmt.Sprint(c.APIPort)}
	for _, port := range c.Ports {
		want[fmt.Sprintf("%d/tcp", port.Node)] = fmt.Sprint(port.Host)
	}
	if len(want) != 9 || !maps.Equal(bindings, want) {
		t.Errorf("published are %v, not %v", bindings, want)
	}
}

func extensionIngressIsReached(t *testing.T, s *stack) {
	c := s.connect(t, s.slot.MyK8s)
	service, err := c.CoreV1().Services(systemNamespace).Get(t.Context(), ingressName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkIngressService(t, c, service, gatewayPorts(30000, 30005)) // the manual publishes HTTPS too
	hello := "hello from the gateway of " + c.Name
	answerDirectly(t, c, hello)
	eventually(t, time.Minute, func(ctx context.Context) error {
		return answersHost(ctx, "http://"+published(30000, c), hello)
	})
}

// servicesStayOnTheNode asks an address of the service range that no service has. Beyond the node something may answer.
func servicesStayOnTheNode(t *testing.T, s *stack) {
	const free = "http://10.200.3.250"
	said, err := inContainer(t.Context(), s.slot.MyK8s.Node, "curl", "-sS", "-m5", free)
	if err == nil || !strings.Contains(err.Error(), "exit status 7:") { // curl's for a refused connection; 28 is for silence
		t.Errorf("the node is not refused at %s: %q (%v)", free, said, err)
	}
}

func changedLimitTakesEffect(t *testing.T, s *stack) {
	change := []string{"--set", "rateLimits.bronze=4"}
	s.plans(t, []string{"+- ConfigMap istioinaction/", "~  Deployment istioinaction/ratelimit"}, change...)
	s.up(t, change...)
	s.forgetRequests(t)
	said := s.lab(t, "verify").stdout
	if want := "answers 4 requests a minute of bronze, and refuses the rest: 4 times 200"; !strings.Contains(said, want) {
		t.Errorf("lab verify does not say %q:\n%s", want, said)
	}
}

// withoutRedisRequestsFail stops redis: then the service cannot count, and who is counted gets 500.
func withoutRedisRequestsFail(t *testing.T, s *stack) {
	c := s.connect(t, s.slot.MyK8s)
	c.scaleToNothing(t, "istioinaction", "redis")
	s.isBroken(t, "ratelimit: redis and ratelimit of "+c.Name+" are ready, without sidecars")
	ask := func(ctx context.Context, loyalty string) (string, error) {
		return inContainer(ctx, s.slot.Client.Name, "curl", "-sS", "-m15", "-o", "/dev/null", "-w", "%{http_code}",
			"-H", "Host: webapp.istioinaction.io", "-H", "x-loyalty: "+loyalty, "http://"+c.Pool.First.String()+"/api/catalog")
	}
	for loyalty, want := range map[string]string{"gold": "500", "nobody's": "200"} {
		eventually(t, time.Minute, func(ctx context.Context) error {
			status, err := ask(ctx, loyalty)
			if err == nil && status != want {
				err = fmt.Errorf("without redis %s gets %s, not %s", loyalty, status, want)
			}
			return err
		})
	}
	s.up(t, "--refresh") // to a redis that has counted nothing
	s.sound(t)
}

// stoppedWasmServerIsStarted stops what serves the filter. The sidecars that have it go on; a new one could not fetch it.
func stoppedWasmServerIsStarted(t *testing.T, s *stack) {
	server := s.slot.Server.Name
	if err := mustDocker(t).ContainerStop(t.Context(), server, container.StopOptions{Timeout: new(int)}); err != nil {
		t.Fatal(err)
	}
	// What runs keeps its filter: only what a new pod would get is not there.
	s.forgetRequests(t)
	r, err := s.tryLab(t.Context(), t, "verify", "--keep-going")
	if err == nil || !regexp.MustCompile(`can fetch its Wasm filter: the container `+server+` does not run[^\n]*\n(.*\n)?not true: 1 of \d+ claims\n$`).
		MatchString(r.stdout) {
		t.Errorf("of a stopped server, verify says (%v):\n%s", err, r.stdout)
	}
	s.up(t, "--refresh")
	inspected, err := mustDocker(t).ContainerInspect(t.Context(), server)
	if err != nil || !inspected.State.Running {
		t.Errorf("%s does not run (%v)", server, err)
	}
	s.forgetRequests(t)
	s.sound(t)
}

// filtersComeOff goes back to the stage without filters. Connections that are open have them for 45 s more.
func filtersComeOff(t *testing.T, s *stack) {
	s.up(t, "--stage=apps")
	s.notYet(t, time.Minute)
	s.sound(t)
	s.unchanged(t)
	s.up(t, "--stage=wasm")
	s.sound(t)
	s.unchangedForPulumi(t)
}

// forgetRequests clears the counters of the rate limit service. Otherwise each claim about a tier whose requests of this minute are used up
// waits for the next one.
func (s *stack) forgetRequests(t testing.TB) {
	t.Helper()
	flush := []string{"--namespace=istioinaction", "exec", "deployment/redis", "--", "redis-cli", "flushall"}
	if _, err := kubectl(t.Context(), s.slot.MyK8s.Node, flush...); err != nil {
		t.Fatal(err)
	}
}

// publishedPorts maps the ports of a container to those of this host, all of which are to be loopback's alone.
func publishedPorts(t *testing.T, name string) (map[string]string, error) {
	t.Helper()
	inspected, err := mustDocker(t).ContainerInspect(t.Context(), name)
	if err != nil {
		return nil, err
	}
	ports := map[string]string{}
	for port, bindings := range inspected.NetworkSettings.Ports {
		for _, binding := range bindings {
			if !net.ParseIP(binding.HostIP).IsLoopback() {
				return nil, fmt.Errorf("%s is published at %s", port, binding.HostIP)
			}
			ports[string(port)] = binding.HostPort
		}
	}
	return ports, nil
}
