package cluster

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Spec turns a message of Istio's API into the spec of an object, by the JSON form that the API server knows it in.
func Spec(message proto.Message) pulumi.Map {
	text, err := protojson.Marshal(message)
	if err != nil {
		panic(err) // a message of Istio's own types always has a JSON form
	}
	fields := map[string]any{}
	if err := json.Unmarshal(text, &fields); err != nil {
		panic(err)
	}
	return pulumi.ToMap(fields)
}
