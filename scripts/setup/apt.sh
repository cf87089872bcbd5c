# shellcheck shell=sh
# Installing Debian and Ubuntu packages as root without starting any server they bring: whoever runs
# `npm start` has not asked for an SSH server on port 22 or a database on 5432 of this machine.

APT_LOCK=/run/pulumi-reverse-bastion-apt.lock
POLICY_FILE=/usr/sbin/policy-rc.d
POLICY_MARK='# Temporary, by the set-up of pulumi-reverse-bastion: installed packages must not start servers.'

can_install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

# install_packages PACKAGE…
install_packages() {
  say "Installing Debian packages: $*"
  with_lock "$APT_LOCK" install_packages_quietly "$@"
}

install_packages_quietly() {
  forbid_service_starts
  # The download may be cut off at any time, dpkg may not: so they are two steps.
  if ! apt_get run_step install --download-only "$@"; then
    # No package lists yet, or older than the archive.
    apt_get run_step update || fail_with_log 'apt-get update failed, see above.'
    apt_get run_step install --download-only "$@" ||
      fail_with_log "Not to be downloaded, see above: $*"
  fi
  apt_get run_uninterrupted_step install "$@" || fail_with_log "apt-get install $* failed, see above."
  allow_service_starts
}

# apt_get RUNNER COMMAND ARGUMENT…
apt_get() {
  apt_runner=$1
  shift
  # needrestart would restart unrelated services of an Ubuntu machine.
  "$apt_runner" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

# Debian's own way to say that packages must not start services (invoke-rc.d(8)). An administrator's file
# stays as it is; one of ours may be left from a run that was killed.
forbid_service_starts() {
  on_exit allow_service_starts
  [ ! -e "$POLICY_FILE" ] || return 0
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY_FILE"
  chmod 755 "$POLICY_FILE"
}

allow_service_starts() {
  if grep -qsF "$POLICY_MARK" "$POLICY_FILE"; then
    rm -f "$POLICY_FILE"
  fi
}
