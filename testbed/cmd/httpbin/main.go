// Command httpbin stands in for kennethreitz/httpbin: it answers what it was asked, on port 80.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"
	"strings"

	"istio-lab/testbed/internal/serve"
)

func main() {
	if err := serve.Run(":80", handler()); err != nil {
		log.Fatal(err)
	}
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<!doctype html>\n<title>httpbin.org</title>\n<p>/headers, /status/CODE</p>\n"))
	})
	mux.HandleFunc("/headers", writeHeaders)
	mux.HandleFunc("/status/{code}", writeStatus)
	return mux
}

// writeHeaders answers with the request's headers, each of them one string.
func writeHeaders(w http.ResponseWriter, r *http.Request) {
	headers := map[string]string{"Host": r.Host}
	for name, values := range r.Header {
		headers[name] = strings.Join(values, ",")
	}
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"headers": headers}); err != nil {
		log.Print(err)
	}
}

// writeStatus answers with the status that the path names.
func writeStatus(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.PathValue("code"))
	if err != nil || code < 200 || code > 599 {
		http.Error(w, "Invalid status code", http.StatusBadRequest)
		return
	}
	w.WriteHeader(code)
}
