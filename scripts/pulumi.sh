#!/bin/sh
# `npm run pulumi -- up`: the Pulumi CLI in the environment that `npm start` uses.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/all.sh
. "$ROOT/scripts/setup/all.sh"

set_up
exec pulumi "$@"
