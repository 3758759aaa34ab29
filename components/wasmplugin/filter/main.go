// Command filter is a filter of a proxy, in Go compiled to WebAssembly: it adds a header to every response. Its configuration
// names the header, such as {"header": "x-istioinaction-wasm", "value": "it works!"}.
package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// A proxy calls no main, but the functions that the SDK exports.
func main() {}

func init() { proxywasm.SetPluginContext(newPlugin) }

// plugin is the filter as a proxy has configured it, once for each of the proxy's threads.
type plugin struct {
	types.DefaultPluginContext
	config config
}

// config is what the proxy passes on.
type config struct {
	Header string `json:"header"`
	Value  string `json:"value"`
}

func newPlugin(uint32) types.PluginContext { return &plugin{} }

// OnPluginStart reads the configuration. A proxy goes on with what it has when the filter does not start.
func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	if err := p.configure(); err != nil {
		proxywasm.LogCritical(err.Error())
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) configure() error {
	text, err := proxywasm.GetPluginConfiguration()
	if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
		return fmt.Errorf("get the configuration: %w", err)
	}
	if err := json.Unmarshal(text, &p.config); err != nil {
		return fmt.Errorf("configuration %q: %w", text, err)
	}
	if p.config.Header == "" || p.config.Value == "" {
		return fmt.Errorf("configuration %q lacks header or value", text)
	}
	return nil
}

// NewHttpContext follows one request and its response.
func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &exchange{config: p.config} }

type exchange struct {
	types.DefaultHttpContext
	config config
}

// OnHttpResponseHeaders adds the header, in the place of one that the upstream may have sent.
func (e *exchange) OnHttpResponseHeaders(int, bool) types.Action {
	if err := proxywasm.ReplaceHttpResponseHeader(e.config.Header, e.config.Value); err != nil {
		proxywasm.LogErrorf("add %s: %v", e.config.Header, err)
	}
	return types.ActionContinue
}
