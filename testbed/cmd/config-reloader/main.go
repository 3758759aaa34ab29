// Command config-reloader has a server read its configuration again whenever a file of a folder changes. It stands in for
// prometheus-config-reloader, with those of its flags that Istio's manifest of Prometheus sets.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"time"

	"istio-lab/testbed/internal/serve"
)

// interval is how often the folder is read. A changed ConfigMap takes kubelet up to a minute to deliver anyway.
const interval = 5 * time.Second

func main() {
	dir := flag.String("watched-dir", "", "the folder of the configuration")
	address := flag.String("listen-address", ":8080", "where /healthz answers")
	url := flag.String("reload-url", "http://127.0.0.1:9090/-/reload", "what is posted to when the configuration has changed")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		log.Fatalf("usage: config-reloader --watched-dir FOLDER [--listen-address ADDRESS] [--reload-url URL]")
	}
	go func() {
		watcher := watcher{dir: *dir, url: *url}
		for ; ; time.Sleep(interval) {
			if err := watcher.look(context.Background()); err != nil {
				log.Print(err)
			}
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("OK")) })
	if err := serve.Run(*address, mux); err != nil {
		log.Fatal(err)
	}
}
