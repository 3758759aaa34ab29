package main

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
)

// conflist is the list of plugins that connect a pod.
func conflist(pods netip.Prefix) ([]byte, error) {
	type object = map[string]any
	return json.MarshalIndent(object{
		"cniVersion": "1.0.0",
		"name":       "kindnet",
		"plugins": []object{
			{
				"type": "ptp",
				"ipam": object{
					"type": "host-local",
					// Gone when the node restarts, as the pods that hold the addresses are.
					"dataDir": "/run/cni-addresses",
					"routes":  []object{{"dst": "0.0.0.0/0"}},
					"ranges":  [][]object{{{"subnet": pods.String()}}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
}

// configure writes the list to path, in one step, unless it is there.
func configure(path string, pods netip.Prefix) error {
	want, err := conflist(pods)
	if err != nil {
		return err
	}
	if found, err := os.ReadFile(path); err == nil && bytes.Equal(found, want) {
		return nil
	}
	// The runtime reads only names that it knows as configuration.
	temporary := path + ".unfinished"
	if err := os.WriteFile(temporary, want, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
