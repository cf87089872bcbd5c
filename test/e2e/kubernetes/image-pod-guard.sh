#!/bin/sh
# image-pod-guard.sh PID FOLDER: removes the volumes of a test's pod when the test is gone without having done so: vitest
# skips clean-up on Ctrl-C and when it is killed. Ends when the folder does.
set -u
while kill -0 "$1" 2>/dev/null; do
  [ -e "$2" ] || exit 0
  sleep 1
done
umount --lazy "$2/directory" 2>/dev/null
rm -rf "$2"
