#!/bin/sh
# `npm run bastion -- outputs`: the command line for what people at both ends of a bastion need.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/all.sh
. "$ROOT/scripts/setup/all.sh"

# The set-up works in the project's folder; the command works, and writes, where it was typed.
typed_in=$PWD
case ${1:-} in
  up | preview | destroy | rotate) set_up ;;
  *) set_up_engine ;;
esac
cd "$typed_in" || exit
export BASTION_COMMAND='npm run bastion --' BASTION_PULUMI_COMMAND='npm run pulumi --'
exec node "$ROOT/scripts/bastion/main.ts" "$@"
