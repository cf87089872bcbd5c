#!/bin/sh
# `npm test`: sets up what is missing, checks lint and types, runs the tests. Arguments go to vitest.
# The last line is always the count, also when the set-up fails or somebody presses Ctrl-C.
set -eu
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=setup/all.sh
. "$ROOT/scripts/setup/all.sh"
# shellcheck source=setup/test-tools.sh
. "$ROOT/scripts/setup/test-tools.sh"

REPORT_DIRECTORY=$(mktemp -d)
COUNT='0 passed, 1 failed, 0 skipped'

# shellcheck disable=SC2317 # called by on_exit
print_count() {
  rm -rf "$REPORT_DIRECTORY"
  printf '%s\n' "$COUNT"
}
on_exit print_count

set_up
install_test_tools

# A lint or type error does not hide which tests fail: both are reported.
check_status=0
run_attached npm run --silent check || check_status=$?
vitest_status=0
run_attached vitest run --reporter=default --reporter=json \
  "--outputFile.json=$REPORT_DIRECTORY/report.json" "$@" || vitest_status=$?

status=0
COUNT=$(node "$ROOT/scripts/setup/count-tests.mjs" \
  "$REPORT_DIRECTORY/report.json" "$vitest_status" "$check_status") || status=$?
exit "$status"
