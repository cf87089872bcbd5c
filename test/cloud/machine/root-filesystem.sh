#!/bin/sh
# root-filesystem.sh RELEASE…: prints the folder of each release's root file system, made where it is missing.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
# shellcheck source=../../../scripts/setup/messages.sh
. "$ROOT/scripts/setup/messages.sh"
# shellcheck source=../../../scripts/setup/process.sh
. "$ROOT/scripts/setup/process.sh"
# shellcheck source=../../../scripts/setup/lock.sh
. "$ROOT/scripts/setup/lock.sh"
# shellcheck source=../../../scripts/setup/hash.sh
. "$ROOT/scripts/setup/hash.sh"
# shellcheck source=../../../scripts/setup/root-filesystem.sh
. "$ROOT/scripts/setup/root-filesystem.sh"

for release in "$@"; do
  find_or_make_root_filesystem "$release"
  printf '%s\n' "$ROOT_FILESYSTEM"
done
