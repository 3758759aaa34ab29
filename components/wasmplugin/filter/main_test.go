package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/proxytest"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// started runs the filter in a stand-in for a proxy.
func started(t *testing.T, config string) (proxytest.HostEmulator, types.OnPluginStartStatus) {
	t.Helper()
	options := proxytest.NewEmulatorOption().WithPluginContext(newPlugin)
	if config != "" {
		options = options.WithPluginConfiguration([]byte(config))
	}
	proxy, reset := proxytest.NewHostEmulator(options)
	t.Cleanup(reset)
	return proxy, proxy.StartPlugin()
}

func TestTheConfiguredHeaderIsInEveryResponseOnce(t *testing.T) {
	proxy, status := started(t, `{"header": "x-istioinaction-wasm", "value": "it works!"}`)
	if status != types.OnPluginStartStatusOK {
		t.Fatalf("it does not start: %v", proxy.GetCriticalLogs())
	}
	for _, upstream := range [][][2]string{
		{{":status", "200"}},
		{{":status", "503"}, {"x-istioinaction-wasm", "the upstream's own"}},
	} {
		id := proxy.InitializeHttpContext()
		if action := proxy.CallOnResponseHeaders(id, upstream, true); action != types.ActionContinue {
			t.Errorf("the response is held up: %v", action)
		}
		want := [][2]string{upstream[0], {"x-istioinaction-wasm", "it works!"}}
		if got := proxy.GetCurrentResponseHeaders(id); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		proxy.CompleteHttpContext(id)
	}
}

func TestAConfigurationThatIsNoneKeepsTheFilterFromStarting(t *testing.T) {
	for name, config := range map[string]string{
		"none": "", "not JSON": "it works!", "no header": `{"value": "it works!"}`, "no value": `{"header": "x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			proxy, status := started(t, config)
			if status != types.OnPluginStartStatusFailed {
				t.Errorf("it starts")
			}
			if log := strings.Join(proxy.GetCriticalLogs(), "\n"); !strings.Contains(log, "configuration") {
				t.Errorf("the log does not say why: %q", log)
			}
		})
	}
}
