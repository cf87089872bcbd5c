#!/bin/sh
# guard.sh FOLDER: removes the folder of a control plane when its standard input ends, which the test holds: a test that
# is killed removes nothing itself. The kernel ends the programs then, and one that still writes is waited for.
set -u
cat >/dev/null
until rm -rf "$1" 2>/dev/null && [ ! -e "$1" ]; do sleep 0.1; done
