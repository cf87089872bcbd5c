#!/bin/sh
# programs.sh [--build]: prints the folder of the control plane's programs. Where they are missing it fails, or builds them.
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
# shellcheck source=../../../scripts/setup/kubernetes.sh
. "$ROOT/scripts/setup/kubernetes.sh"

case ${1:-} in
--build) find_or_build_kubernetes ;;
'')
  find_kubernetes ||
    fail 'The control plane of the test clusters is not built yet.' "Build it with: sh $ROOT/test/cluster/control-plane/programs.sh --build"
  ;;
*) fail "programs.sh does not know $1." ;;
esac
printf '%s\n' "$KUBERNETES_FOLDER/bin"
