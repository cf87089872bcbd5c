# shellcheck shell=sh
# container-check, which reads Compose files and Dockerfiles as Docker does: built from tools/, in a cache outside the checkout.

# shellcheck source=go-build.sh
. "$ROOT/scripts/setup/go-build.sh"

CONTAINER_CHECK_DRAFT=''

can_build_container_check() {
  command -v go >/dev/null 2>&1 && command -v node >/dev/null 2>&1
}

# find_container_check: whether it is there; in either case its folder is in CONTAINER_CHECK_FOLDER afterwards.
find_container_check() {
  container_check_cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-reverse-bastion
  CONTAINER_CHECK_FOLDER=$container_check_cache/container-check-$(container_check_cache_key)
  [ -x "$CONTAINER_CHECK_FOLDER/bin/container-check" ]
}

find_or_build_container_check() {
  ! find_container_check || return 0
  mkdir -p "$container_check_cache"
  with_lock "$CONTAINER_CHECK_FOLDER.lock" build_container_check
}

# The program, the pinned versions, and the machine, as homes can be shared.
container_check_cache_key() {
  {
    cat "$ROOT"/tools/container-check/*
    uname -sm
  } | sha256 | cut -c 1-16
}

# Filled beside its place and moved there when complete: a run that was cut off leaves no half of it.
build_container_check() {
  [ ! -x "$CONTAINER_CHECK_FOLDER/bin/container-check" ] || return 0
  can_build_container_check ||
    fail 'What checks the Compose file and the Dockerfile is missing, and there is no Go to build it with.' \
      "Install Go $(oldest_go container-check) or newer and run the same command again:" 'https://go.dev/doc/install'
  CONTAINER_CHECK_DRAFT=$CONTAINER_CHECK_FOLDER.partial
  rm -rf "$CONTAINER_CHECK_DRAFT" "$CONTAINER_CHECK_FOLDER"
  on_exit remove_container_check_draft
  mkdir -p "$CONTAINER_CHECK_DRAFT/tmp"
  say 'Building what checks Compose files and Dockerfiles from Go modules (under a minute, only this once)'
  go_build "$CONTAINER_CHECK_DRAFT" container-check . ''
  mkdir "$CONTAINER_CHECK_FOLDER"
  mv "$CONTAINER_CHECK_DRAFT/bin" "$CONTAINER_CHECK_FOLDER/bin"
  remove_container_check_draft
}

remove_container_check_draft() {
  [ -z "$CONTAINER_CHECK_DRAFT" ] || rm -rf "$CONTAINER_CHECK_DRAFT"
}
