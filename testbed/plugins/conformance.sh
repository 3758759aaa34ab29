#!/usr/bin/env bash
# Compares the test bed's plugins with Pulumi's, on a cluster that is made for it and taken away again.
#
#   conformance.sh [flags of go test]
set -euo pipefail
cd "$(dirname "$0")/../.."

lab() { bin/lab "$@" --stack conformance; }
kubeconfig=$(mktemp)
trap 'lab destroy --yes --remove; rm -f "$kubeconfig"' EXIT

lab up --release current --student 99 --scenario extension --stage cluster
lab kubeconfig myk8s-99 >"$kubeconfig"
CONFORMANCE_KUBECONFIG=$kubeconfig go test -C testbed/plugins -tags conformance -count=1 -timeout 30m "$@" ./conformance
