#!/bin/sh
# promtool.sh: prints the path of promtool, obtained where it is missing. Fails where this machine cannot have it.
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
# shellcheck source=../../scripts/setup/promtool.sh
. "$ROOT/scripts/setup/promtool.sh"

can_obtain_promtool || fail 'promtool is missing on this machine, and there is no apt-get to obtain it with.'
find_or_obtain_promtool
printf '%s\n' "$PROMTOOL"
