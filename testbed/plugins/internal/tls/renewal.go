package tls

import (
	"time"

	"istio-lab/testbed/plugins/internal/own"
)

// The properties that say until when a certificate is valid, and whether it is time for a new one.
const (
	readyKey = "readyForRenewal"
	startKey = "validityStartTime"
	endKey   = "validityEndTime"
)

// dueForRenewal says whether a state is that of a certificate that has expired, or will within the hours of its early renewal.
func dueForRenewal(state map[string]any) bool {
	text, _ := state[endKey].(string)
	end, err := time.Parse(time.RFC3339, text)
	return err == nil && !time.Now().Before(end.Add(-hours(state["earlyRenewalHours"])))
}

// planRenewal sets readyForRenewal: to true for a certificate that will be due as soon as it is made, and to unknown, which replaces it, for
// one that is due now.
func (r resourceType) planRenewal(planned map[string]any) {
	if _, renewable := r.fields[readyKey]; !renewable {
		return
	}
	if hours(planned["earlyRenewalHours"]) >= hours(planned["validityPeriodHours"]) {
		planned[readyKey] = true
	}
	if dueForRenewal(planned) {
		planned[readyKey] = own.Unknown{}
	}
}
