#!/bin/sh
# Opens the tunnels of {{client}} to {{host}}, once, until it is ended (Ctrl-C) or the connection is lost.
#   connect.sh           opens them
#   connect.sh --test    the same, and ssh says what it does
#   connect.sh --check   only looks whether this machine has what it takes
# Ends with 2 when it was called wrongly, with 3 when this machine lacks something, and else as ssh does (255: it failed).
set -eu

key_file={{keyFile}}
endpoint={{endpoint}}

fail() {
  printf 'connect.sh: %s\n' "$2" >&2
  exit "$1"
}

check_openssh() {
  command -v ssh >/dev/null 2>&1 || fail 3 'ssh was not found. Install the OpenSSH client (Debian: openssh-client; Red Hat: openssh-clients).'
  version=$(ssh -V 2>&1)
  numbers=$(printf '%s\n' "$version" | sed -n 's/^OpenSSH_[A-Za-z_]*\([0-9]\{1,\}\)\.\([0-9]\{1,\}\).*/\1 \2/p')
  [ -n "$numbers" ] || fail 3 "ssh is not OpenSSH's, but: $version"
  [ "$((${numbers% *} * 100 + ${numbers#* }))" -ge 608 ] || fail 3 "This OpenSSH is too old, 6.8 is needed. It is: $version"
}

check_files() {
  for file in ssh_config known_hosts; do
    [ -r "./$file" ] || fail 3 "The file $file is not here. It belongs in $PWD, beside this script."
  done
  [ -e "./$key_file" ] || fail 3 "The key is not here. You get it separately from the other files; put it at $PWD/$key_file."
  [ -r "./$key_file" ] || fail 3 "The key $PWD/$key_file may not be read by $(id -un)."
  # ssh refuses a key of yours that others can read.
  if others_may_read; then
    chmod 600 "./$key_file"
    ! others_may_read || fail 3 "Others may read $PWD/$key_file, and this file system does not let that be changed. Copy the folder to another one."
    printf 'connect.sh: others could read %s; now only you can.\n' "$key_file" >&2
  fi
}

others_may_read() {
  [ "$(find "./$key_file" -prune -user "$(id -u)" \( -perm -040 -o -perm -020 -o -perm -004 -o -perm -002 \))" != '' ]
}

# What ssh's last words mean, whose side it is on, and what to do.
explain() {
  case $1 in
  *'Host key verification failed'*)
    echo "What answered at $endpoint is not the bastion that this kit was made for. Nothing was sent. Do not delete known_hosts: ask whoever gave you the kit, and compare the fingerprint above." ;;
  *'Permission denied'* | *'Too many authentication failures'*)
    echo "The bastion does not take this key: another one was meant, it has expired, or it may not be used from this address. Tell whoever gave you the kit its fingerprint: $(ssh-keygen -lf "./$key_file" 2>/dev/null || echo "not to be had; the file is not a key, or is damaged")" ;;
  *'remote port forwarding failed'*)
    echo 'You are connected, but a bind port is taken: these tunnels are already open elsewhere, with this or another key. End the other one, and try again.' ;;
  *'Could not resolve hostname'*)
    echo "This machine's name service does not know the bastion's name. That is on your side." ;;
  *'ssh: connect to host'*)
    echo "Nothing answers at $endpoint. Most often a firewall on your side does not let this machine out to it: outgoing TCP to $endpoint is needed." ;;
  *'not responding'* | *'Broken pipe'* | *'Connection reset'* | *'Connection closed'* | *'closed by remote host'* | *'timed out'* | *'Not allowed at this time'*)
    echo 'The connection was open, or nearly, and has been lost. Try again in half a minute.' ;;
  *) return 0 ;;
  esac
}

run_ssh() {
  folder=$(mktemp -d)
  ssh_pid=''
  trap 'rm -rf "$folder"' EXIT
  trap '[ -z "$ssh_pid" ] || kill "$ssh_pid" 2>/dev/null || :' INT TERM HUP
  mkfifo "$folder/said"
  tee "$folder/log" <"$folder/said" >&2 &
  tee_pid=$!
  ssh -F ./ssh_config "$@" -N -T {{alias}} 2>"$folder/said" &
  ssh_pid=$!
  status=0
  wait "$ssh_pid" || status=$?
  wait "$tee_pid" || :
  [ "$status" -ne 255 ] || explain "$(tail -n 20 "$folder/log")" | sed 's/^/connect.sh: /' >&2
  exit "$status"
}

cd -- "$(dirname -- "$0")"
case $# in 0) mode=--connect ;; 1) mode=$1 ;; *) mode=--help ;; esac
case $mode in
--connect | --test | --check) ;;
*) fail 2 'usage: connect.sh [--test | --check]' ;;
esac
check_openssh
check_files
case $mode in
--connect) run_ssh ;;
--test) run_ssh -v ;;
esac
