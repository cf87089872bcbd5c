#!/bin/sh
# guard.sh PID NETWORK: removes a test's network namespace, what runs in it, and the folders of its bastions, when the
# test is gone without having done so: vitest skips clean-up on Ctrl-C and when it is killed. Ends when the namespace does.
set -u
pid=$1
network=$2
while kill -0 "$pid" 2>/dev/null; do
  ip netns list | grep -q "^$network\b" || exit 0
  sleep 1
done
ip netns pids "$network" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
ip netns delete "$network" 2>/dev/null
rm -rf "/var/lib/pulumi-reverse-bastion/$network"*
# The login users go with the last test that could need them; userdel keeps those of a bastion that runs.
ip netns list | grep -q '^prb-' && exit 0
for user in consumer tunnel; do
  if getent passwd "$user" | grep -q ':pulumi-reverse-bastion:'; then userdel "$user" 2>/dev/null || exit 0; fi
done
exit 0
