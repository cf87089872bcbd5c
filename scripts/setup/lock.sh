# shellcheck shell=sh
# One process at a time. `flock` where the system has it; elsewhere (macOS) a symbolic link, which is made
# together with its content in one step: the number of the process that holds the lock.

HELD_LOCK=''

# with_lock FILE FUNCTION ARGUMENT…: calls it while no other process holds FILE. Not to be nested.
with_lock() {
  lock_file=$1
  shift
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$lock_file"
    wait_for_lock flock -n 9
    # What runs under the lock must not inherit it: a daemon would hold it for ever.
    "$@" 9>&-
    exec 9>&-
  else
    wait_for_lock take_link_lock
    "$@"
    release_link_lock
  fi
}

# Asks again every second instead of blocking: a signal is handled in between.
wait_for_lock() {
  lock_seconds=0
  until "$@"; do
    [ "$lock_seconds" -ne 1 ] || say 'Waiting for another run that is setting up the same thing'
    [ "$lock_seconds" -eq 0 ] || [ $((lock_seconds % 60)) -ne 0 ] ||
      note "$((lock_seconds / 60)) min (if there is no other run, remove $lock_file*)"
    sleep 1
    lock_seconds=$((lock_seconds + 1))
  done
}

take_link_lock() {
  if ln -s "process-$$" "$lock_file.held" 2>/dev/null; then
    HELD_LOCK=$lock_file.held
    return 0
  fi
  drop_stale_link_lock
  return 1
}

# A holder that was killed leaves its link. Only who has made the second link may take the first away, and
# looks again while it has it: otherwise two could do so, and one would remove the other's fresh lock.
drop_stale_link_lock() {
  ln -s "process-$$" "$lock_file.breaking" 2>/dev/null || return 0
  lock_holder=$(readlink "$lock_file.held" 2>/dev/null || :)
  if [ -n "$lock_holder" ] && ! ps -p "${lock_holder#process-}" >/dev/null 2>&1; then
    rm -f "$lock_file.held"
  fi
  rm -f "$lock_file.breaking"
}

release_link_lock() {
  [ -z "$HELD_LOCK" ] || rm -f "$HELD_LOCK"
  HELD_LOCK=''
}
on_exit release_link_lock
