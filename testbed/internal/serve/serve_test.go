package serve

import (
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"
)

func TestTheRequestsUnderWayAreAnsweredBeforeTheServerStops(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()

	arrived, release, stopped := make(chan bool), make(chan bool), make(chan error, 1)
	go func() {
		stopped <- Run(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- true
			<-release
			w.WriteHeader(http.StatusAccepted)
		}))
	}()
	status := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + address)
		for ; err != nil; response, err = http.Get("http://" + address) {
			time.Sleep(10 * time.Millisecond)
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	<-arrived
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-stopped:
		t.Fatalf("it stopped during a request, with %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if got := <-status; got != http.StatusAccepted {
		t.Errorf("got %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatIsTakenIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := Run(taken.Addr().String(), http.NotFoundHandler()); err == nil {
		t.Error("want an error")
	}
}
