#!/bin/bash
# Makes a Kubernetes control plane of this node: what `kind create cluster` does by docker exec, done by systemd at boot.
# It may run again after a failure; each step leaves alone what is already there. Never `kubeadm reset` here: that would
# delete the uploaded CA.
set -euo pipefail
here=/kind/pulumi
export KUBECONFIG=/etc/kubernetes/admin.conf

# The last line of status is what the health check reports.
step() { current=$*; echo "$current" | tee "$here/status"; }
trap 'echo "failed: $current (line $LINENO); see docker logs $(hostname)" | tee "$here/status"' ERR

step "writing kubeadm's configuration"
version=$(cat /kind/version)
minor=$(cut -d. -f2 <<<"$version")
address=$(getent ahostsv4 "$(hostname)" | awk 'NR==1 {print $1}')
# kind's images before 1.24 leave containerd on the cgroupfs driver.
driver=systemd; if ((minor < 24)); then driver=cgroupfs; fi
# v1beta3 is deprecated since Kubernetes 1.31, which reads v1beta4.
api=v1beta4; if ((minor < 31)); then api=v1beta3; fi
# The entrypoint repairs addresses in /kind/kubeadm.conf at later boots, so it has to be at that path.
sed -e "s|@VERSION@|$version|" -e "s|@ADDRESS@|$address|" -e "s|@CGROUP_DRIVER@|$driver|" \
  "$here/kubeadm-$api.conf" >/kind/kubeadm.conf

step "waiting for containerd"
until ctr version >/dev/null 2>&1; do sleep 0.2; done

step "kubeadm init"
# The preflight checks are meant for machines, and fail in containers.
kubeadm init --config=/kind/kubeadm.conf --skip-token-print --skip-phases=preflight,addon

step "the node's pods and load balancers"
# The pod range that no controller allocates here; and kubeadm keeps load balancers away from control planes.
kubectl patch node "$(hostname)" --type=merge --patch '{
  "spec": {"podCIDR": "'"$NODE_POD_RANGE"'", "podCIDRs": ["'"$NODE_POD_RANGE"'"]},
  "metadata": {"labels": {"node.kubernetes.io/exclude-from-external-load-balancers": null}}
}'

step "network and storage"
# The image's own manifests; the first is a template of one value, and kind's network daemon wants to know one more. They are
# not validated against the API's schema, which the API server would have to compute for it.
{
  sed -E "s|^( *)  value: \{\{ *\.PodSubnet *\}\} *\$|\1  value: \"$POD_SUBNET\"\n\1- name: CONTROL_PLANE_ENDPOINT\n\1  value: \"$(hostname):6443\"|" \
    /kind/manifests/default-cni.yaml
  echo ---
  cat /kind/manifests/default-storage.yaml
} | kubectl apply --server-side --force-conflicts --validate=false --filename=-

step "DNS and kube-proxy"
# While the network starts. Their workloads need no wait: Kubernetes retries by itself.
kubeadm init phase addon all --config=/kind/kubeadm.conf

step "waiting for the node to be Ready"
kubectl wait --for=condition=Ready "node/$(hostname)" --timeout=180s

step ready
touch "$here/ready"
