// Package serve runs the HTTP servers of the test bed's own images.
package serve

import (
	"context"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long the requests under way get once the process is told to stop; a pod gets half a minute in all.
const grace = 10 * time.Second

// Run answers requests at the address, such as :8080, and logs each, until the process is told to stop.
// It returns why it could not listen, or which requests it had to break off.
func Run(address string, handler http.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := http.Server{Addr: address, Handler: logged(handler)}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Printf("listening on %s", address)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return server.Shutdown(ctx)
}

// logged writes a line for each request.
func logged(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(recorder, r)
		log.Printf("%s \"%s %s\" %d %s %s", r.RemoteAddr, r.Method, r.URL, recorder.status,
			time.Since(started).Round(time.Millisecond), r.UserAgent())
	})
}

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
