#!/bin/sh
# container-check.sh [--build]: prints the path of container-check. Where it is missing it fails, or builds it.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
# shellcheck source=../../scripts/setup/messages.sh
. "$ROOT/scripts/setup/messages.sh"
# shellcheck source=../../scripts/setup/process.sh
. "$ROOT/scripts/setup/process.sh"
# shellcheck source=../../scripts/setup/lock.sh
. "$ROOT/scripts/setup/lock.sh"
# shellcheck source=../../scripts/setup/hash.sh
. "$ROOT/scripts/setup/hash.sh"
# shellcheck source=../../scripts/setup/container-check.sh
. "$ROOT/scripts/setup/container-check.sh"

case ${1:-} in
--build) find_or_build_container_check ;;
'')
  find_container_check ||
    fail 'container-check is not built yet.' "Build it with: sh $ROOT/test/kit/container-check.sh --build"
  ;;
*) fail "container-check.sh does not know $1." ;;
esac
printf '%s\n' "$CONTAINER_CHECK_FOLDER/bin/container-check"
