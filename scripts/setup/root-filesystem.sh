# shellcheck shell=sh
# Root file systems of the machines that the stand-in clouds boot: Debian as a cloud's image has it, as an unpacked
# folder in a cache outside the checkout, from the packages of this machine's own sources. Made once, used read-only.

# What an image has and a bastion uses; nothing is ever installed on a machine.
ROOT_FILESYSTEM_PACKAGES=systemd-sysv,systemd-timesyncd,dbus,udev,cloud-init,openssh-server,openssh-sftp-server,\
python3,python3-apt,iproute2,nftables,netbase,procps,sudo,ca-certificates,openssl,unattended-upgrades,locales,\
debian-archive-keyring
ROOT_FILESYSTEM_DRAFT=''

can_make_root_filesystem() {
  [ "$(id -u)" = 0 ] && command -v mmdebstrap >/dev/null 2>&1 && command -v systemd-nspawn >/dev/null 2>&1
}

# find_or_make_root_filesystem RELEASE: its folder is in ROOT_FILESYSTEM afterwards.
find_or_make_root_filesystem() {
  root_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  ROOT_FILESYSTEM=$root_cache/root-$1-$(root_filesystem_cache_key "$1")
  [ ! -d "$ROOT_FILESYSTEM" ] || return 0
  mkdir -p "$root_cache"
  with_lock "$ROOT_FILESYSTEM.lock" make_root_filesystem "$1"
}

# The recipe is this file.
root_filesystem_cache_key() {
  {
    cat "$ROOT/scripts/setup/root-filesystem.sh"
    printf '%s\n' "$1"
    uname -m
  } | sha256 | cut -c 1-16
}

# Filled beside its place and moved there when complete: a run that was cut off leaves no half of a system.
make_root_filesystem() {
  [ ! -d "$ROOT_FILESYSTEM" ] || return 0
  say "Making the root file system of the test machines: Debian $1 (about a minute, only this once)"
  ROOT_FILESYSTEM_DRAFT=$ROOT_FILESYSTEM.partial
  rm -rf "$ROOT_FILESYSTEM_DRAFT" "$ROOT_FILESYSTEM_DRAFT.list"
  on_exit remove_root_filesystem_draft
  mkdir "$ROOT_FILESYSTEM_DRAFT"
  list_package_sources "$1" >"$ROOT_FILESYSTEM_DRAFT.list"
  [ -s "$ROOT_FILESYSTEM_DRAFT.list" ] || fail 'No source of Debian packages is configured on this machine.'
  # A machine has no way to a mirror: the timers of the updates would only add noise. Keys and the machine's id are
  # made at the first boot. Without a DHCP client the network is taken as it is; an empty resolv.conf means a name server
  # that refuses at once, where this machine's own would be waited for.
  # shellcheck disable=SC2016 # $1 is the hook's
  run_step mmdebstrap --variant=minbase --format=directory --mode=root "--include=$ROOT_FILESYSTEM_PACKAGES" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -f "$1"/etc/ssh/ssh_host_* "$1"/usr/sbin/dhcpcd "$1"/sbin/dhclient "$1"/etc/hostname' \
    --customize-hook=': >"$1"/etc/machine-id; rm -f "$1"/etc/resolv.conf; : >"$1"/etc/resolv.conf' \
    --customize-hook='chroot "$1" systemctl disable apt-daily.timer apt-daily-upgrade.timer' \
    --customize-hook='chroot "$1" systemctl mask console-getty.service getty.target systemd-udevd.service \
      ldconfig.service systemd-journal-catalog-update.service dev-hugepages.mount' \
    --customize-hook='chroot "$1" systemctl enable ssh.service' \
    --customize-hook='echo LANG=C.UTF-8 >"$1"/etc/default/locale' \
    "$1" "$ROOT_FILESYSTEM_DRAFT" "$ROOT_FILESYSTEM_DRAFT.list" ||
    fail_with_log "Making Debian $1 failed, see above."
  mv "$ROOT_FILESYSTEM_DRAFT" "$ROOT_FILESYSTEM"
  remove_root_filesystem_draft
}

remove_root_filesystem_draft() {
  [ -z "$ROOT_FILESYSTEM_DRAFT" ] || rm -rf "$ROOT_FILESYSTEM_DRAFT" "$ROOT_FILESYSTEM_DRAFT.list"
}

# list_package_sources RELEASE: where this machine takes its own packages from, for another release: the archive, its
# updates and its security fixes are named after the release.
list_package_sources() {
  # shellcheck disable=SC2016 # apt's own variables, and awk's
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Identifier: Packages' 2>/dev/null | sort -u |
    awk -v release="$1" '$3 == "Debian" { sub(/^[a-z]+/, release, $2); print "deb", $1, $2, "main" }'
}
