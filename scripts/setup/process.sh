# shellcheck shell=sh
# Running commands so that Ctrl-C, `kill` and failures leave nothing behind.

EXIT_TASKS=''
CHILD=''
CHILD_SIGNAL=''
STEP_LOG=''
STEP_DETAIL=''

# on_exit FUNCTION: calls it when the script ends, however it ends; the last one registered goes first.
# The function must bear being called when its work is done already. `exec` skips it.
on_exit() {
  EXIT_TASKS="$1 $EXIT_TASKS"
}

run_exit_tasks() {
  for exit_task in $EXIT_TASKS; do
    "$exit_task"
  done
  [ -z "$STEP_LOG" ] || rm -f "$STEP_LOG"
}

# A shell that waits for a foreground command handles signals only after it, and npm passes a SIGTERM to
# the shell alone. So slow commands run in the background, and this ends them.
interrupted() {
  trap '' HUP INT TERM
  if [ -n "$CHILD" ]; then
    [ -z "$CHILD_SIGNAL" ] || kill -s "$CHILD_SIGNAL" "$CHILD" 2>/dev/null || :
    wait "$CHILD" 2>/dev/null || :
  fi
  exit "$1"
}

trap run_exit_tasks EXIT
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM

# run_attached PROGRAM ARGUMENT…: output goes where ours goes. A program, not a shell function:
# a signal to a function's subshell would not reach what the function runs.
run_attached() {
  CHILD_SIGNAL=TERM
  "$@" &
  wait_for_child $!
}

# run_step PROGRAM ARGUMENT…: output goes to STEP_LOG, which stays only when the step fails; a line every
# now and then tells that it still runs.
run_step() {
  CHILD_SIGNAL=TERM
  run_logged "$@"
}

# run_uninterrupted_step: the same for what must not be cut off half-way. A signal waits for its end.
run_uninterrupted_step() {
  CHILD_SIGNAL=''
  run_logged "$@"
}

run_logged() {
  [ -n "$STEP_LOG" ] || STEP_LOG=$(mktemp)
  "$@" >"$STEP_LOG" 2>&1 </dev/null &
  step_process=$!
  heartbeat "$step_process" &
  heartbeat_process=$!
  step_status=0
  wait_for_child "$step_process" || step_status=$?
  kill "$heartbeat_process" 2>/dev/null || :
  wait "$heartbeat_process" 2>/dev/null || :
  [ "$step_status" -eq 0 ] || return "$step_status"
  rm -f "$STEP_LOG"
  STEP_LOG=''
}

wait_for_child() {
  CHILD=$1
  child_status=0
  wait "$CHILD" || child_status=$?
  CHILD=''
  return "$child_status"
}

# heartbeat PROCESS: says every 15 s on a terminal, every minute elsewhere, how long PROCESS has run.
# STEP_DETAIL may name a function that says more.
heartbeat() {
  heartbeat_interval=60
  [ ! -t 2 ] || heartbeat_interval=15
  heartbeat_seconds=0
  # The sleep keeps none of our files open: a reader of our output must not wait for it.
  while sleep 1 >/dev/null 2>&1 && kill -0 "$1" 2>/dev/null; do
    heartbeat_seconds=$((heartbeat_seconds + 1))
    [ $((heartbeat_seconds % heartbeat_interval)) -eq 0 ] || continue
    note "$(duration "$heartbeat_seconds")${STEP_DETAIL:+: $("$STEP_DETAIL")}"
  done
}

# duration SECONDS
duration() {
  if [ "$1" -lt 60 ]; then
    printf '%s s' "$1"
  else
    printf '%s min %s s' $(($1 / 60)) $(($1 % 60))
  fi
}
