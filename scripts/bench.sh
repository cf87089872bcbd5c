#!/bin/sh
# `npm run bench`: the benchmarks, each beside its baseline in the same run.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/all.sh
. "$ROOT/scripts/setup/all.sh"

set_up
exec node "$ROOT/test/bench/main.ts" "$@"
