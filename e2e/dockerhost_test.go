//go:build e2e

package e2e

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docker/docker/api/types/network"
)

// farEngine is the engine by another way: over TCP, at an address that is not loopback's, as one of another host is reached.
type farEngine struct {
	url, address string
	asked        atomic.Int32
}

func newFarEngine(t *testing.T) *farEngine {
	t.Helper()
	bridge, err := mustDocker(t).NetworkInspect(t.Context(), "bridge", network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(mustDocker(t).DaemonHost())
	if err != nil {
		t.Fatal(err)
	}
	to := at.Host
	if to == "" {
		to = at.Path
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort(bridge.IPAM.Config[0].Gateway, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	far := &farEngine{url: "tcp://" + listener.Addr().String(), address: bridge.IPAM.Config[0].Gateway}
	go func() {
		for {
			one, err := listener.Accept()
			if err != nil {
				return
			}
			far.asked.Add(1)
			go func() {
				defer one.Close()
				other, err := net.Dial(at.Scheme, to)
				if err != nil {
					return
				}
				defer other.Close()
				go func() {
					_, _ = io.Copy(other, one)
					if half, ok := other.(interface{ CloseWrite() error }); ok {
						_ = half.CloseWrite()
					}
				}()
				_, _ = io.Copy(one, other)
			}()
		}
	}()
	return far
}

// TestALabOnTheEngineOfAnotherHost builds a small lab on an engine that its settings name, while the environment names one that is not
// there, and has plain pulumi throw it away.
func TestALabOnTheEngineOfAnotherHost(t *testing.T) {
	parallel(t, 1, time.Minute)
	s := newStack(t, "e2e-far", 89)
	far := newFarEngine(t)
	arguments := s.settings(t, "--scenario=extension", "--stage=cluster", "--set=dockerHost="+far.url, "--set=listenAddress="+far.address)
	s.variables = []string{"DOCKER_HOST=tcp://127.0.0.1:1"}

	s.lab(t, "up", arguments...)
	s.sound(t)
	s.unchanged(t)
	before := far.asked.Load()
	if r := s.lab(t, "status"); before == 0 || !strings.Contains(r.stdout, s.slot.MyK8s.Node+"  ") || !strings.Contains(r.stdout, "Up ") {
		t.Errorf("after %d connections the status is\n%s", before, r.stdout)
	}
	if r := s.lab(t, "env"); strings.Contains(r.stdout, "DOCKER_HOST") {
		t.Errorf("labs elsewhere would be looked for on this one's host by the shell that takes this:\n%s", r.stdout)
	}
	_, err := s.tryLab(t.Context(), t, "up", "--set=dockerHost=")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(err.Error(), "lab.dockerHost and lab.clusters say where") {
		t.Errorf("a lab that is built is moved to another host: %v", err)
	}
	s.pulumi(t, "destroy", "--yes")
	nothingLeft(t, s, "left on the other host")
}
