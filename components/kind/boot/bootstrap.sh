#!/bin/bash
# Makes a Kubernetes control plane of this node: what `kind create cluster` does by docker exec, done by systemd at boot.
# It may run again after a failure; each step leaves alone what is already there. Never `kubeadm reset` here: that would
# delete the uploaded CA.
set -euo pipefail
here=/kind/pulumi
kubectl=(kubectl --kubeconfig=/etc/kubernetes/admin.conf)

# The last line of status is what the health check reports.
step() { current=$*; echo "$current" | tee "$here/status"; }
trap 'echo "failed: $current (line $LINENO); see docker logs $(hostname)" | tee "$here/status"' ERR

step "writing kubeadm's configuration"
version=$(cat /kind/version)
minor=$(cut -d. -f2 <<<"$version")
address=$(getent ahostsv4 "$(hostname)" | awk 'NR==1 {print $1}')
# kind's images before 1.24 leave containerd on the cgroupfs driver.
driver=systemd; if ((minor < 24)); then driver=cgroupfs; fi
# The entrypoint repairs addresses in /kind/kubeadm.conf at later boots, so it has to be at that path.
sed -e "s|@VERSION@|$version|" -e "s|@ADDRESS@|$address|" -e "s|@CGROUP_DRIVER@|$driver|" \
  "$here/kubeadm.conf" >/kind/kubeadm.conf

step "waiting for containerd"
until ctr version >/dev/null 2>&1; do sleep 0.2; done

step "kubeadm init"
kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=1

step "opening the node to workloads and load balancers"
for role in master control-plane; do
  "${kubectl[@]}" taint nodes --all "node-role.kubernetes.io/$role-" 2>/dev/null || true
done
"${kubectl[@]}" label nodes --all node.kubernetes.io/exclude-from-external-load-balancers- >/dev/null

step "network and storage"
# The image's own manifest, a template of two values.
sed -E "s|^( *)  value: \{\{ *\.PodSubnet *\}\} *\$|\1  value: \"$POD_SUBNET\"\n\1- name: CONTROL_PLANE_ENDPOINT\n\1  value: \"$(hostname):6443\"|" \
  /kind/manifests/default-cni.yaml | "${kubectl[@]}" apply -f -
"${kubectl[@]}" apply -f /kind/manifests/default-storage.yaml

step "waiting for the node to be Ready"
# Nothing else is waited for: Deployments and Jobs wait for DNS and service accounts by themselves.
"${kubectl[@]}" wait --for=condition=Ready node --all --timeout=180s

step ready
touch "$here/ready"
