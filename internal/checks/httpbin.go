package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio-lab/internal/settings"
)

// The services of chapter 14 are called from the application sleep, as in the manual.
var sleep = workload{appsNamespace, "app=sleep", "sleep"}

// httpbinHeaders has httpbin say which headers it is asked with.
var httpbinHeaders = request{url: "http://httpbin:8000/headers"}

// httpbinAnswers: httpbin answers sleep.
func httpbinAnswers(m member) Check {
	return Check{
		Claim: "httpbin of " + m.Name + " answers sleep",
		look: func(ctx context.Context, l *Lab) (string, error) {
			_, err := m.askHTTPBin(ctx, l)
			return "200 from " + httpbinHeaders.url, err
		},
	}
}

// askHTTPBin asks httpbin from sleep, and objects unless the answer is 200.
func (m member) askHTTPBin(ctx context.Context, l *Lab) (answer, error) {
	got, err := m.in(l).in(sleep).ask(ctx, httpbinHeaders)
	switch {
	case err != nil || got.status == 200:
		return got, err
	case got.status == 403 && l.settings.Reached(settings.Wasm):
		err = fmt.Errorf("%s answers %s, as a sidecar does that cannot fetch its Wasm filter; does the container %s run? "+
			"`lab up --refresh` starts it, and the pod is to be restarted then", httpbinHeaders.url, got, l.settings.Slot.Server.Name)
	default:
		err = fmt.Errorf("%s answers %s", httpbinHeaders.url, got)
	}
	return got, err
}

// What the Lua filter puts into requests: the group that bucket-tester puts everybody in.
const cohortHeader, cohort = "x-test-cohort", "dark-launch-7"

// cohortTold: httpbin is told which group of the A/B test a request is in, which its sidecar asks of bucket-tester.
func cohortTold(m member) Check {
	claim := fmt.Sprintf("httpbin of %s is asked with %s: %s", m.Name, cohortHeader, cohort)
	return filtered(m, claim, func(got answer) (string, error) {
		var asked struct{ Headers map[string]string }
		if err := json.Unmarshal([]byte(got.body), &asked); err != nil {
			return "", fmt.Errorf("httpbin does not say its headers, but %s", got)
		}
		for name, value := range asked.Headers {
			if strings.EqualFold(name, cohortHeader) && value == cohort {
				return name + ": " + value, nil
			}
		}
		return "", fmt.Errorf("httpbin is asked with %v; does bucket-tester answer?", asked.Headers)
	})
}

// answersWith: what httpbin answers has a header once, which a filter has put there.
func answersWith(m member, header, value string) Check {
	claim := fmt.Sprintf("httpbin of %s answers with %s: %s", m.Name, header, value)
	return filtered(m, claim, func(got answer) (string, error) {
		if values := got.header.Values(header); len(values) != 1 || values[0] != value {
			return "", fmt.Errorf("its answer has %s: %q", header, values)
		}
		return "200, " + header + ": " + value, nil
	})
}

var wasmPlugins = schema.GroupVersionResource{Group: "extensions.istio.io", Version: "v1alpha1", Resource: "wasmplugins"}

// wasmPlugin is what is looked at of a WasmPlugin.
type wasmPlugin struct {
	Spec struct {
		URL string `json:"url"`
	} `json:"spec"`
}

// wasmServed: the module of the filter is still to be had, for the next pod.
func wasmServed(m member) Check {
	return Check{
		Claim: "a new pod of httpbin in " + m.Name + " can fetch its Wasm filter",
		look: func(ctx context.Context, l *Lab) (string, error) {
			server := l.settings.Slot.Server
			if err := l.running(ctx, server.Name, server.Address); err != nil {
				return "", err
			}
			plugins, err := list[wasmPlugin](ctx, m.in(l), wasmPlugins, appsNamespace, "")
			if err != nil {
				return "", err
			}
			if len(plugins) == 0 {
				return "", lasting{fmt.Errorf("%s has no WasmPlugin in %s", m.Name, appsNamespace)}
			}
			saw := ""
			for _, plugin := range plugins {
				// The module itself would come through the engine; whether there is one, its size tells.
				got, err := l.client(m)(ctx, "curl", "-sS", "-m10", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", plugin.Spec.URL)
				if err != nil {
					return "", err
				}
				status, size, _ := strings.Cut(got, " ")
				if status != "200" || size == "0" {
					return "", fmt.Errorf("%s answers %s with %s bytes; `lab up --refresh` makes %s anew", plugin.Spec.URL, status, size, server.Name)
				}
				saw = fmt.Sprintf("%s, %s bytes", plugin.Spec.URL, size)
			}
			return saw, nil
		},
	}
}

// filtered: what httpbin answers shows that a filter is in its sidecar.
func filtered(m member, claim string, judge func(answer) (saw string, err error)) Check {
	return Check{
		Claim: claim,
		look: func(ctx context.Context, l *Lab) (string, error) {
			got, err := m.askHTTPBin(ctx, l)
			if err != nil {
				return "", err
			}
			return judge(got)
		},
		patience: drained,
	}
}
