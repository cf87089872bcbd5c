#!/bin/sh
# Keeps the tunnels of {{client}} to {{host}} up with systemd. Run it as root; again when the kit or the key has changed.
#   install.sh               installs what is needed and starts it
#   install.sh --uninstall   removes all that it has installed
# Ends with 1 when the tunnels did not open, with 2 when it was called wrongly, with 3 when this machine lacks something.
set -eu

service={{service}}
key_file={{keyFile}}
user={{serviceUser}}
directory={{directory}}
state={{state}}
unit=/etc/systemd/system/$service.service

fail() {
  printf 'install.sh: %s\n' "$2" >&2
  exit "$1"
}

check_machine() {
  [ "$(id -u)" -eq 0 ] || fail 3 'This needs root: sudo sh install.sh'
  [ -d /run/systemd/system ] || fail 3 'This machine does not run systemd. Use autossh.sh.'
}

check_key() {
  [ -x /usr/bin/ssh ] || fail 3 'ssh was not found. Install the OpenSSH client (Debian: openssh-client; Red Hat: openssh-clients).'
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

# put FILE PATH MODE GROUP
put() {
  if cmp -s "$1" "$2" && [ "$(stat -c '%a %U %G' "$2")" = "$3 root $4" ]; then
    return 0
  fi
  install -o root -g "$4" -m "$3" "$1" "$2"
  changed=yes
}

install_service() {
  kit=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
  staged=$(mktemp -d)
  trap 'rm -rf "$staged"' EXIT
  changed=''
  check_key
  id "$user" >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
  install -d -o root -g "$user" -m 0750 "$directory"
  # ssh wants no rights of others over a key of its own user; this one is root's, and lent.
  put "$staged/$key_file" "$directory/$key_file" 440 "$user"
  # ssh writes the host keys that it learns into a copy of its own; another known_hosts of the kit replaces them.
  install -d -o "$user" -g "$user" -m 0700 "$state"
  if [ ! -e "$state/known_hosts" ] || ! cmp -s "$kit/known_hosts" "$directory/known_hosts"; then
    install -o "$user" -g "$user" -m 0600 "$kit/known_hosts" "$state/known_hosts"
  fi
  put "$kit/known_hosts" "$directory/known_hosts" 440 "$user"
  put "$kit/ssh_config" "$directory/ssh_config" 440 "$user"
  put "$kit/systemd/reverse-bastion-tunnel.service" "$unit" 644 root
  systemctl daemon-reload
  systemctl --quiet enable "$service.service"
  [ -z "$changed" ] || systemctl stop "$service.service"
  if ! systemctl start "$service.service" 2>/dev/null; then
    journalctl --unit "$service.service" --boot --lines 5 --output cat --no-pager >&2 || :
    fail 1 "The tunnels did not open; ssh's reason is above. systemd tries again every 5 s: journalctl -fu $service"
  fi
  echo "The tunnels are open, and are kept open: systemctl status $service"
  [ ! -e "$kit/$key_file" ] || echo "The service has its own copy of the key, in $directory. $kit/$key_file is only for the doctor and connect.sh."
}

uninstall_service() {
  if [ -e "$unit" ]; then
    systemctl --quiet disable --now "$service.service"
    rm -f "$unit"
  fi
  systemctl daemon-reload
  systemctl reset-failed "$service.service" 2>/dev/null || :
  rm -rf "$directory" "$state"
  # Another kit on this machine has the same user.
  if [ -z "$(find /etc -maxdepth 1 -name 'reverse-bastion-tunnel-*')" ] && id "$user" >/dev/null 2>&1; then
    userdel "$user"
  fi
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
