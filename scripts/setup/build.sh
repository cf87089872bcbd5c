# shellcheck shell=sh

# Compiled once, not type-checked at each `pulumi up`: that would be most of a preview's time. The compiler
# itself knows what has changed. Locked: two runs must not write dist at the same time.
build_project() {
  [ -d "$ROOT/dist" ] || say 'Compiling'
  with_lock "$SETUP_LOCK" compile
}

compile() {
  run_step npm run --silent build || fail_with_log 'npm run build failed, see above.'
}
