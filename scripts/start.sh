#!/bin/sh
# `npm start`: sets up what is missing, then takes the example customer to a running bastion.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/all.sh
. "$ROOT/scripts/setup/all.sh"

set_up
exec node "$ROOT/dist/scripts/start.js" "$@"
