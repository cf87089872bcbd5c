#!/bin/sh
# guard.sh TEST GROUP PROGRAM ARGUMENT…: runs the machine host in namespaces of its own and clears up after it.
#
# All that the host makes (machines, mounts, networks) is inside those namespaces, so the kernel takes it away with the
# host's process, however that ends. The host ends when its standard input does, which the test holds; it is killed
# when the test's process is gone and it still runs. Control groups are all that stays, and are removed here.
set -u
test=$1
group=$2
shift 2

exec 3<&0
unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net -- "$@" <&3 3<&- &
host=$!
exec 3<&-

# A Ctrl-C is meant for the test.
trap '' INT HUP TERM
patience=10
while kill -0 "$host" 2>/dev/null; do
  if ! kill -0 "$test" 2>/dev/null; then
    patience=$((patience - 1))
    [ "$patience" -gt 0 ] || kill -KILL "$host"
  fi
  sleep 0.5
done
wait "$host"
status=$?

for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ ! -d "$hierarchy/$group" ] || find "$hierarchy/$group" -depth -type d -exec rmdir {} +
done
exit "$status"
