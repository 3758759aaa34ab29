// Command webapp stands in for the book's web application: a front of its catalog and forum services, on port 8080.
package main

import (
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"istio-lab/testbed/internal/serve"
)

func main() {
	if err := serve.Run(":8080", handler(fromEnvironment("Catalog"), fromEnvironment("Forum"))); err != nil {
		log.Fatal(err)
	}
}

// fromEnvironment is the service at the host and port that variables such as CATALOG_SERVICE_HOST name.
func fromEnvironment(name string) service {
	prefix := strings.ToUpper(name) + "_SERVICE_"
	return service{name, "http://" + net.JoinHostPort(os.Getenv(prefix+"HOST"), os.Getenv(prefix+"PORT"))}
}

func handler(catalog, forum service) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { writePage(w, r, catalog) })
	mux.HandleFunc("GET /api/catalog", func(w http.ResponseWriter, r *http.Request) { catalog.relay(w, r, "/items") })
	mux.HandleFunc("GET /api/catalog/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		catalog.relay(w, r, "/items/"+url.PathEscape(r.PathValue("id")))
	})
	mux.HandleFunc("GET /api/users", func(w http.ResponseWriter, r *http.Request) { forum.relay(w, r, "/api/users") })
	mux.HandleFunc("GET /api/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("Healthy!")) })
	return mux
}
