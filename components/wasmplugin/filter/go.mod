module istio-lab/components/wasmplugin/filter

go 1.26.0

// The SDK has no tagged version since it went from TinyGo to Go itself.
require github.com/proxy-wasm/proxy-wasm-go-sdk v0.0.0-20250212164326-ab4161dcf924

require github.com/tetratelabs/wazero v1.7.2 // indirect
