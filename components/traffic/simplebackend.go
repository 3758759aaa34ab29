package traffic

import (
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1beta1"
)

// simpleBackendService is simple-backend wherever it runs.
const simpleBackendService = "simple-backend.istioinaction.svc.cluster.local"

// SimpleBackend is the entrance to simple-backend. A failed request is tried again, in other localities too: the caller of a
// failing west sees east's answers and no error.
var SimpleBackend = Entrance{
	Gateway: "simple-backend-gateway", VirtualService: "simple-backend-vs-for-gateway",
	Host: "simple-backend.istioinaction.io", Service: simpleBackendService,
	Retries: &networking.HTTPRetry{Attempts: 3, RetryOn: "5xx", RetryRemoteLocalities: wrapperspb.Bool(true)},
}
