#!/bin/bash
# Makes kubelet's root cgroups, one for either cgroup driver, with all controllers.
# The entrypoint cannot: only when systemd has left the topmost cgroup can controllers be passed down from it.
set -euo pipefail
cd /sys/fs/cgroup
[[ -f cgroup.controllers ]] || exit 0
for group in . kubelet kubelet.slice; do
  mkdir -p $group
  sed 's/[^ ][^ ]*/+&/g' $group/cgroup.controllers >$group/cgroup.subtree_control
done
