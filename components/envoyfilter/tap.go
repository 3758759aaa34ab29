package envoyfilter

import (
	commontapv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/common/tap/v3"
	tapv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/tap/v3"
)

// Tap lets a person look at requests and their responses, headers and bodies, through the administration of the sidecar. Which of them,
// the person says there: until then it does nothing.
func Tap() Filter {
	return Filter{
		Name: "tap-filter",
		HTTP: httpFilter("envoy.filters.http.tap", &tapv3.Tap{CommonConfig: &commontapv3.CommonExtensionConfig{
			ConfigType: &commontapv3.CommonExtensionConfig_AdminConfig{
				AdminConfig: &commontapv3.AdminConfig{ConfigId: "tap_config"},
			},
		}}),
	}
}
