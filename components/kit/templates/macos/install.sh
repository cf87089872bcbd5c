#!/bin/sh
# Keeps the tunnels of {{client}} to {{host}} up on a Mac. Run it as root; again when the kit or the key has changed.
#   install.sh               installs what is needed and starts it
#   install.sh --uninstall   removes all that it has installed
# Ends with 1 when the tunnels did not open, with 2 when it was called wrongly, with 3 when this machine lacks something.
set -eu

label={{label}}
key_file={{keyFile}}
account={{account}}
directory={{directory}}
log={{log}}
plist=/Library/LaunchDaemons/$label.plist
rotation=/etc/newsyslog.d/$label.conf

fail() {
  printf 'install.sh: %s\n' "$2" >&2
  exit "$1"
}

check_machine() {
  [ "$(id -u)" -eq 0 ] || fail 3 'This needs root: sudo sh install.sh'
  [ "$(uname -s)" = Darwin ] || fail 3 'This machine does not run macOS. Use systemd/install.sh or autossh.sh.'
}

check_key() {
  if [ -e "$kit/$key_file" ]; then
    install -m 0600 "$kit/$key_file" "$staged/$key_file"
  elif [ -e "$directory/$key_file" ]; then
    install -m 0600 "$directory/$key_file" "$staged/$key_file"
  else
    fail 3 "The key is not here. You get it separately from the other files; put it at $kit/$key_file."
  fi
  ssh-keygen -y -P '' -f "$staged/$key_file" >/dev/null 2>&1 ||
    fail 3 "$key_file is not a private key that OpenSSH can read, or it has a passphrase, which nobody would type when the machine starts."
}

# An account of services: below 500 and hidden, no password, no shell, no home.
make_account() {
  # What is written last is there: so is the rest. dscl also succeeds where there is no such key.
  case $(dscl . -read "/Users/$account" IsHidden 2>/dev/null || :) in *'IsHidden: 1') return 0 ;; esac
  remove_account
  taken=$(dscl . -list /Users UniqueID && dscl . -list /Groups PrimaryGroupID)
  number=450
  while printf '%s\n' "$taken" | grep -q "[[:space:]]$number\$"; do
    number=$((number + 1))
    [ "$number" -lt 500 ] || fail 3 'No number of a user from 450 to 499 is free.'
  done
  dscl . -create "/Groups/$account"
  dscl . -create "/Groups/$account" PrimaryGroupID "$number"
  dscl . -create "/Users/$account"
  dscl . -create "/Users/$account" UniqueID "$number"
  dscl . -create "/Users/$account" PrimaryGroupID "$number"
  dscl . -create "/Users/$account" NFSHomeDirectory /var/empty
  dscl . -create "/Users/$account" UserShell /usr/bin/false
  dscl . -create "/Users/$account" Password '*'
  dscl . -create "/Users/$account" IsHidden 1
}

remove_account() {
  for record in "/Users/$account" "/Groups/$account"; do
    ! dscl . -read "$record" >/dev/null 2>&1 || dscl . -delete "$record"
  done
}

# put FILE PATH MODE GROUP
put() {
  if cmp -s "$1" "$2" && [ -n "$(find "$2" -prune -perm "$3" -user root -group "$4")" ]; then
    return 0
  fi
  # The content alone: with a file, `install` would copy the mark of a download as well.
  install -o root -g "$4" -m "$3" /dev/null "$2"
  cat "$1" >"$2"
  changed=yes
}

is_loaded() {
  launchctl print "system/$label" >/dev/null 2>&1
}

# launchd answers before ssh has ended, and loads nothing that is not gone yet.
unload() {
  ! is_loaded || launchctl bootout "system/$label" 2>/dev/null || :
  tries=30
  while is_loaded; do
    [ "$tries" -gt 0 ] || fail 1 "launchd does not let go of $label."
    tries=$((tries - 1))
    sleep 1
  done
}

# ssh ends by itself when a tunnel does not open, and says why. It gives up on a connection after 10 s: one that has been there
# for 15 s has them all.
wait_until_open() {
  tries=40
  while [ "$tries" -gt 0 ]; do
    pid=$(launchctl list "$label" | sed -n 's/^[[:space:]]*"PID" = \([0-9]*\);$/\1/p')
    if [ -n "$pid" ]; then
      case $(ps -o etime= -p "$pid" | tr -d ' ') in '' | 00:0? | 00:1[0-4]) ;; *) return 0 ;; esac
    elif [ "$(wc -c <"$log")" -ne "$said" ]; then
      return 1
    fi
    tries=$((tries - 1))
    sleep 1
  done
  return 1
}

install_service() {
  kit=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
  staged=$(mktemp -d)
  trap 'rm -rf "$staged"' EXIT
  changed=''
  check_key
  make_account
  install -d -o root -g "$account" -m 0750 "$directory"
  # ssh wants no rights of others over a key of its own user; this one is root's, and lent.
  put "$staged/$key_file" "$directory/$key_file" 440 "$account"
  put "$kit/known_hosts" "$directory/known_hosts" 440 "$account"
  put "$kit/ssh_config" "$directory/ssh_config" 440 "$account"
  put "$kit/macos/newsyslog.conf" "$rotation" 644 wheel
  put "$kit/macos/$label.plist" "$plist" 644 wheel
  [ -e "$log" ] || install -o "$account" -g admin -m 640 /dev/null "$log"
  said=$(wc -c <"$log")
  [ -z "$changed" ] || unload
  is_loaded || launchctl bootstrap system "$plist" || fail 1 "launchd does not take $plist, see above."
  if ! wait_until_open; then
    tail -n 5 "$log" >&2
    fail 1 "The tunnels did not open; ssh's reason is above. launchd tries again every 10 s: tail -F $log"
  fi
  echo "The tunnels are open, and are kept open: launchctl print system/$label"
  [ ! -e "$kit/$key_file" ] || echo "The service has its own copy of the key, in $directory. $kit/$key_file is only for the doctor and connect.sh."
}

uninstall_service() {
  unload
  rm -f "$plist" "$rotation" "$log" "$log".[0-9]*
  rm -rf "$directory"
  # Another kit on this machine has the same account.
  [ -n "$(find /Library/LaunchDaemons -maxdepth 1 -name 'reverse-bastion-tunnel-*')" ] || remove_account
  echo 'The tunnels are closed, and nothing of them is left on this machine beside the kit itself.'
}

case $# in 0) action=--install ;; 1) action=$1 ;; *) action=--help ;; esac
case $action in
--install)
  check_machine
  install_service
  ;;
--uninstall)
  check_machine
  uninstall_service
  ;;
*) fail 2 'usage: install.sh [--uninstall]' ;;
esac
