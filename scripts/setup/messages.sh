# shellcheck shell=sh
# What the set-up says. All of it goes to stderr: stdout belongs to the program that runs afterwards.

say() {
  printf '==> %s\n' "$*" >&2
}

note() {
  printf '    %s\n' "$*" >&2
}

# fail LINE…: ends the script. The first line says what is wrong, the others what to do.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for message_line in "$@"; do
    printf '       %s\n' "$message_line" >&2
  done
  exit 1
}

# fail_with_log LINE…: the same, after what the failed step has printed (npm tells the reason first: not too few lines).
fail_with_log() {
  tail -n 100 "$STEP_LOG" | sed 's/^/    | /' >&2
  fail "$@"
}
