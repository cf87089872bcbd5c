#!/bin/sh
# guard.sh TEST FOLDER PROGRAM ARGUMENT…: runs a cluster's node in namespaces of its own and clears up after it.
#
# All that the node makes (containers, mounts, networks) is inside those namespaces, so the kernel takes it away with the
# node's process, however that ends. Its network is the machine's, where the API server is. The node ends when its standard
# input does, which the test holds; it is killed when the test's process is gone and it still runs. FOLDER is all that stays,
# and is removed here.
set -u
test=$1
folder=$2
shift 2

exec 3<&0
unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- "$@" <&3 3<&- &
node=$!
exec 3<&-

# A Ctrl-C is meant for the test.
trap '' INT HUP TERM
patience=10
while kill -0 "$node" 2>/dev/null; do
  if ! kill -0 "$test" 2>/dev/null; then
    patience=$((patience - 1))
    [ "$patience" -gt 0 ] || kill -KILL "$node"
  fi
  sleep 0.5
done
wait "$node"
status=$?
rm -rf "$folder"
exit "$status"
