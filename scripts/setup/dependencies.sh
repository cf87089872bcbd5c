# shellcheck shell=sh
# The npm packages of package-lock.json, and Node as one of them: the machine's own may be older than what
# the project needs, but is good enough to install.

SETUP_LOCK=$ROOT/.state/setup.lock
PROJECT_BIN=$ROOT/node_modules/.bin
OLDEST_INSTALLING_NODE=20.0
OLDEST_NODE=22.18

install_dependencies() {
  # npm puts the project's folder into PATH for the scripts of package.json.
  SYSTEM_PATH=$(path_without "$PROJECT_BIN")
  with_lock "$SETUP_LOCK" install_packages_if_changed
  put_project_programs_first
}

# The stamp goes away first and comes last: an installation that was cut off is done again.
install_packages_if_changed() {
  lock_hash=$(sha256 <package-lock.json)
  lock_stamp=node_modules/.setup-lock-hash
  [ "$(cat "$lock_stamp" 2>/dev/null || :)" != "$lock_hash" ] || return 0

  check_system_node
  say 'Installing dependencies (about half a minute)'
  rm -f "$lock_stamp"
  # With the machine's Node, not the one in the folder that `npm ci` removes. Development packages also
  # when NODE_ENV is production. Warnings (install scripts, the old Node) mean nothing to a newcomer.
  run_step env PATH="$SYSTEM_PATH" \
    npm ci --include=dev --no-audit --no-fund --engine-strict=false --loglevel=error ||
    fail_with_log 'npm ci failed, see above.'
  printf '%s\n' "$lock_hash" >"$lock_stamp"
}

check_system_node() {
  system_node=$(system_node_version)
  version_at_least "$system_node" "$OLDEST_INSTALLING_NODE" ||
    fail "This needs Node.js ${OLDEST_INSTALLING_NODE%.0} or newer and found ${system_node:-none}."
  PATH=$SYSTEM_PATH command -v npm >/dev/null 2>&1 || fail 'npm is not on PATH.'
}

# Where the packaged Node cannot run (Alpine's C library, install scripts switched off in npm's
# configuration), the machine's own is used if it is new enough.
put_project_programs_first() {
  PROJECT_PATH=$PROJECT_BIN
  if ! "$PROJECT_BIN/node" --version >/dev/null 2>&1; then
    system_node=$(system_node_version)
    version_at_least "$system_node" "$OLDEST_NODE" ||
      fail "This needs Node.js $OLDEST_NODE or newer and found ${system_node:-none}." \
        'The project brings its own as the npm package "node", but that cannot run here, or npm is set to' \
        'ignore install scripts (then: npm rebuild node --ignore-scripts=false).'
    PROJECT_PATH=$(dirname -- "$(PATH=$SYSTEM_PATH command -v node)"):$PROJECT_BIN
  fi
  export PATH="$PROJECT_PATH:$SYSTEM_PATH"
}

system_node_version() {
  system_node_text=$(PATH=$SYSTEM_PATH node --version 2>/dev/null || :)
  printf '%s' "${system_node_text#v}"
}

# path_without FOLDER: PATH without that folder.
path_without() (
  set -f
  IFS=:
  kept=''
  for folder in $PATH; do
    [ "$folder" = "$1" ] || kept=${kept:+$kept:}$folder
  done
  printf '%s' "$kept"
)
