#!/bin/bash
# Shows the true list of cgroup controllers again (see hide_misc_controller in the entrypoint).
mountpoint -q /proc/cgroups && umount /proc/cgroups
exit 0
