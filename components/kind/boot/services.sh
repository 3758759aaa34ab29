#!/bin/bash
# Refuses what is for a service while no rule of kube-proxy takes it, before kubelet starts. Otherwise it leaves the node by the
# default route, and where something answers there, as a transparent proxy does, whoever asked keeps a connection to that: the API
# server then takes metrics-server for one that does not know its own API.
set -euo pipefail
for chain in OUTPUT FORWARD; do
  rule=("$chain" --destination "$SERVICE_SUBNET" --jump REJECT)
  iptables --wait --check "${rule[@]}" 2>/dev/null || iptables --wait --append "${rule[@]}"
done
