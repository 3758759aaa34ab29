// This program reads messages to Envoy with the oldest API of Envoy that a release uses, that of Istio 1.17, and prints an objection to
// each that the API does not know.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	_ "github.com/envoyproxy/go-control-plane/envoy/admin/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ratelimit/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/tap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	var messages []struct {
		Type string
		JSON json.RawMessage
	}
	if err := json.NewDecoder(os.Stdin).Decode(&messages); err != nil {
		log.Fatal(err)
	}
	for _, m := range messages {
		of, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(m.Type))
		if err == nil {
			err = protojson.Unmarshal(m.JSON, of.New().Interface())
		}
		if err != nil {
			fmt.Printf("%s: %v\n", m.Type, err)
		}
	}
}
