# shellcheck shell=sh
# promtool, which judges the alerts, the dashboard and the metrics: the machine's own, else Debian's, unpacked into a cache
# outside the checkout. Its package is not installed: it would bring a server that starts with the machine.

PROMTOOL_DRAFT=''

can_obtain_promtool() {
  command -v promtool >/dev/null 2>&1 || { command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1; }
}

# find_promtool: whether it is there; in either case its path is in PROMTOOL afterwards.
find_promtool() {
  ! PROMTOOL=$(command -v promtool) || return 0
  promtool_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  promtool_folder=$promtool_cache/promtool-$(promtool_cache_key)
  PROMTOOL=$promtool_folder/promtool
  [ -x "$PROMTOOL" ]
}

find_or_obtain_promtool() {
  ! find_promtool || return 0
  mkdir -p "$promtool_cache"
  with_lock "$promtool_folder.lock" obtain_promtool
}

# The recipe is this file.
promtool_cache_key() {
  {
    cat "$ROOT/scripts/setup/promtool.sh"
    uname -m
  } | sha256 | cut -c 1-16
}

# Filled beside its place and moved there when complete.
obtain_promtool() {
  [ ! -x "$PROMTOOL" ] || return 0
  say 'Obtaining promtool (20 MB, only this once)'
  PROMTOOL_DRAFT=$promtool_folder.partial
  rm -rf "$PROMTOOL_DRAFT" "$promtool_folder"
  on_exit remove_promtool_draft
  mkdir "$PROMTOOL_DRAFT"
  download_promtool_package || update_and_download_promtool_package
  run_step dpkg-deb --extract "$PROMTOOL_DRAFT"/prometheus_*.deb "$PROMTOOL_DRAFT/package" ||
    fail_with_log "Debian's package prometheus cannot be unpacked, see above."
  mkdir "$PROMTOOL_DRAFT/complete"
  mv "$PROMTOOL_DRAFT/package/usr/bin/promtool" "$PROMTOOL_DRAFT/complete/promtool"
  mv "$PROMTOOL_DRAFT/complete" "$promtool_folder"
  remove_promtool_draft
}

# It lands where it is called from.
download_promtool_package() {
  # shellcheck disable=SC2016 # $1 is the inner shell's
  run_step sh -c 'cd "$1" && exec apt-get -q download prometheus' sh "$PROMTOOL_DRAFT"
}

# No package lists yet, or older than the archive.
update_and_download_promtool_package() {
  [ "$(id -u)" != 0 ] || run_step apt-get -q -o DPkg::Lock::Timeout=300 update || fail_with_log 'apt-get update failed, see above.'
  download_promtool_package || fail_with_log "Debian's package prometheus cannot be downloaded, see above."
}

remove_promtool_draft() {
  [ -z "$PROMTOOL_DRAFT" ] || rm -rf "$PROMTOOL_DRAFT"
}
