package main

import (
	"context"
	"fmt"
	"net/netip"
	"os/exec"
)

// masquerade makes packets from pods to everything outside of the pod range carry the node's address,
// since nothing else on the node's network has a route to a pod.
func masquerade(ctx context.Context, pods netip.Prefix) error {
	rule := []string{"POSTROUTING", "-s", pods.String(), "!", "-d", pods.String(),
		"-m", "comment", "--comment", "pods to the outside", "-j", "MASQUERADE"}
	if iptables(ctx, "-C", rule) == nil {
		return nil
	}
	return iptables(ctx, "-A", rule)
}

func iptables(ctx context.Context, action string, rule []string) error {
	args := append([]string{"-w", "-t", "nat", action}, rule...)
	if output, err := exec.CommandContext(ctx, "iptables", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("iptables %v: %w: %s", args, err, output)
	}
	return nil
}
