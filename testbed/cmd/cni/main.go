// Command cni stands in for kindnetd in a cluster with one node. kind's own manifest runs it, with the capabilities NET_RAW and
// NET_ADMIN alone. It tells the container runtime how to connect a pod (point to point, with an address of the pod range), and lets
// pods reach what is outside of that range by the node's own address: another cluster's API server, a registry, the world. Of the
// manifest's variables it needs POD_SUBNET only: the others are for routes to other nodes.
package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// interval is how soon a rule that somebody has removed is there again.
const interval = 30 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cni:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	pods, err := netip.ParsePrefix(os.Getenv("POD_SUBNET"))
	if err != nil {
		return fmt.Errorf("POD_SUBNET must be the cluster's pod range, such as 10.244.0.0/16: %w", err)
	}
	fmt.Println("pods have addresses of", pods)
	for {
		// The rules come first: once the configuration is there, pods start.
		if err := masquerade(ctx, pods); err != nil {
			return err
		}
		if err := configure("/etc/cni/net.d/10-kindnet.conflist", pods); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(interval):
		}
	}
}
