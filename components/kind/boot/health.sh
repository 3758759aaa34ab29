#!/bin/sh
# The container's health check. While the node boots it waits for the bootstrap to finish, so that the node is healthy at
# the moment it is ready, not at the next probe.
here=/kind/pulumi
# A process left in the root of a cgroup v2 hierarchy keeps kubelet from setting up its own groups.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  echo $$ >/sys/fs/cgroup/init.scope/cgroup.procs || exit 1
fi
until [ -f $here/ready ]; do
  case $(cat $here/status 2>/dev/null) in failed:*) cat $here/status; exit 1 ;; esac
  sleep 0.2
done
exec curl --fail --silent --show-error --insecure --max-time 5 https://localhost:6443/readyz
