#!/bin/sh
# Keeps the tunnels of {{client}} to {{host}} up with autossh, on a machine without systemd. It stays in the foreground.
set -eu

cd -- "$(dirname -- "$0")"
command -v autossh >/dev/null 2>&1 || {
  echo 'autossh.sh: autossh was not found. Install it (Debian, Red Hat and Homebrew call it autossh).' >&2
  exit 3
}
sh ./connect.sh --check

# Also a first try that fails is followed by a second one.
export AUTOSSH_GATETIME=0
# The longest wait between two tries, in seconds; ten minutes otherwise.
export AUTOSSH_POLL=30
# ssh itself notices a dead path: no monitoring port, which the bastion would refuse.
exec autossh -M 0 -F ./ssh_config -N -T {{alias}}
